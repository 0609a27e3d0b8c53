#!/bin/bash
# Of two heapsnaps on one process the second waits for the first, and says whom
# it waited for when its time is up; one that is killed leaves no lock. Where
# the lock is not seen, another tracer is: nothing of anybody's is closed then.
. "${0%/*}/../lib.sh"

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
tell leak 100 1000
undisturbed_before "$V_PID"

# stop_at N: a heapsnap that stops itself at point N; it is $first.
stop_at() {
	HS_FAULT=STOP:$1 "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save \
		-f json >"$TMP/first.json" 2>"$TMP/first.err" &
	first=$!
	started $first
	poll_until stopped_or_ended $first
}

# go_on: the first one goes on to its end; its $status.
go_on() {
	kill -CONT "$first" 2>/dev/null
	wait "$first"
	status=$?
	forget "$first"
}

has_memfd() {
	print_fds "$V_PID" | grep -q 'memfd:heapsnap'
}

# The point at which its memfd is there: found by stopping at some.
run env HS_FAULT_LOG="$TMP/points" "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 \
	--no-save -f json
is "$status" 0 'one alone is fine' || diag "$err"
points=$(wc -l <"$TMP/points")
at=
for ((n = points - 20; n > 0 && !at; n -= 5)); do
	stop_at $n
	if has_memfd; then
		at=$n
	fi
	go_on
done
[ -n "$at" ]
result $? 'there is a moment at which it has a memfd in the process'

# How many requests there are before varies a little.
for _ in {1..20}; do
	stop_at "$at"
	has_memfd && break
	go_on
done
fds=$(print_fds "$V_PID")
like "$fds" 'memfd:heapsnap' 'the first is at work'
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 1
is "$status" 4 'the second gives up when its time is over'
is "$err" "heapsnap: cannot snapshot process $V_PID ('leaker'): another \
heapsnap (process $first) is at work on it
heapsnap: hint: it is waited for as long as --timeout says: try again when it \
has ended" 'and says who is at work'
is "$(print_fds "$V_PID")" "$fds" 'what the first has made is untouched'
"$HEAPSNAP" -p "$V_PID" -n 1 --no-save -f json >"$TMP/second.json" \
	2>"$TMP/second.err" &
second=$!
started $second
second_waits() {
	readlink "/proc/$second/fd/"* | grep -q "/heapsnap/$V_PID-[0-9]*\$"
}
ok 'a second one comes' poll_until second_waits
go_on
is $status 0 'the first ends well' || diag "$(cat "$TMP/first.err")"
wait $second
is $? 0 'the one that waited does too' || diag "$(cat "$TMP/second.err")"
forget $second
for f in first second; do
	is "$(jq -r '.stacks | length > 0' "$TMP/$f.json")" true \
		"$f: a snapshot"
done
assert_undisturbed "$V_PID"

stop_at "$at"
kill -KILL $first
wait $first 2>/dev/null
forget $first
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 10
is "$status" 0 'one that was killed left no lock' || diag "$err"
assert_undisturbed "$V_PID" 'nor anything else'

# A tracer that came after the process was checked, and before our helper thread
# did: another heapsnap that has not seen the lock would be such a one.
clone=$(awk '$2 ~ /GETEVENTMSG/ { print $1; exit }' "$TMP/points")
stop_at "$clone"
other=$(grep -lx 'TracerPid:.0' "/proc/$V_PID/task/"*/status | head -1)
other=${other%/status}
other=${other##*/}
strace -o "$TMP/trace" -e trace=none -p "$other" 2>"$TMP/strace.err" &
strace=$!
started $strace
traced() {
	grep -q "^TracerPid:.$strace\$" "/proc/$V_PID/task/$other/status"
}
ok 'another tracer comes' poll_until traced
go_on
is $status 4 'it is seen when our own thread is there'
is "$(cat "$TMP/first.err")" "heapsnap: cannot snapshot process $V_PID \
('leaker'): process $strace ('strace') has begun to trace it as well
heapsnap: hint: try again when the other one has ended" 'and reported'
kill -INT $strace
wait $strace 2>/dev/null
forget $strace
assert_alive "$V_PID"

# Many at once.
for n in {1..6}; do
	"$HEAPSNAP" -p "$V_PID" -n 1 --no-save -f json --timeout 30 \
		>"$TMP/many.$n" 2>&1 &
	many[n]=$!
	started "${many[n]}"
done
wrong=
for n in {1..6}; do
	wait "${many[n]}" || wrong+="$n: $(cat "$TMP/many.$n")"
	forget "${many[n]}"
done
is "$wrong" '' 'six at once take turns'
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 0 'and the next one is fine'
[[ $(print_fds "$V_PID") != *memfd* ]]
result $? 'nothing is left'
stop_victim
done_testing
