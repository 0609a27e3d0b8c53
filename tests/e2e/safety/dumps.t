#!/bin/bash
# Only what is written to the dump counts as the dump, also where the process
# has closed its stderr, whose number is free then; and one that is given up in
# the middle, since the process holds it up, costs the process no memory when it
# goes on at last; the next run says so as long as it does not, and then works.
. "${0%/*}/../lib.sh"

for how in open closed; do
	args=()
	[ $how = open ] || args=(--stderr no)
	start_victim dumper "${args[@]}"
	undisturbed_before "$V_PID"
	run heapsnap -p "$V_PID" -n 1 --no-save -o "$TMP/$how.heap"
	is "$status" 0 "stderr is $how: a snapshot is taken" || diag "$err"
	tell dump
	read -r _ written failed _ <<<"$answer"
	is "$failed" failed=0 "stderr is $how: nothing failed"
	is "$(grep -c '^@ 0x1000$' "$TMP/$how.heap")" \
		$(((${written#written=} - 48) / 47)) \
		"stderr is $how: all of it is there"
	assert_undisturbed "$V_PID" "stderr is $how: undisturbed"
	stop_victim
done

# As jemalloc 3: a thread dumps only after its first allocation.
start_victim dumper --old yes
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save -o "$TMP/old.heap"
is "$status" 0 'jemalloc 3.6.0: a snapshot is taken' || diag "$err"
assert_undisturbed "$V_PID" 'jemalloc 3.6.0: undisturbed'
stop_victim

# What only heapsnap writes to a snapshot is not taken from the process.
start_victim dumper --forge yes
undisturbed_before "$V_PID"
mkdir "$TMP/saved"
run heapsnap -p "$V_PID" -n 1 --save "$TMP/saved" -f json
is "$status" 0 'a process that forges lines of heapsnap'"'"'s' || diag "$err"
is "$(jq -r .snapshot.command <<<"$out")" dumper 'has the name that it has'
is "$(jq -r '.stacks[0].frames[0].function' <<<"$out")" null \
	'and its frames have no names that it gives them'
saved=$(echo "$TMP"/saved/*)
run heapsnap report "$saved" -f json
is "$status" 0 'its snapshot can be read' || diag "$err"
is "$(jq -r .snapshot.command <<<"$out")" dumper 'and says the same'
is "$(grep -c -e innocent -e ' command other' "$saved")" 0 'nothing forged is in it'
assert_undisturbed "$V_PID"
stop_victim

start_victim dumper --wait 9
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 1
is "$status" 5 'a dump that stands still is given up'
helper=$(grep -lx heapsnap "/proc/$V_PID/task"/*/comm | grep -o '[0-9]*/comm')
helper=${helper%/comm}
is "$err" "heapsnap: cannot snapshot process $V_PID ('dumper'): \
mallctl(\"prof.dump\"): time is up
heapsnap: hint: thread $helper, which heapsnap made for it, is still at it, in \
clock_nanosleep, inside jemalloc: it ends when it gets on; a longer --timeout gives \
it more time" 'the error says what is left'
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 200ms
is "$status" 5 'so is the next run'
is "$err" "heapsnap: cannot snapshot process $V_PID ('dumper'): helper thread \
$helper of an earlier run is still at work in it: time is up
heapsnap: hint: it ends when it gets what it waits for" 'the error says by whom'
tell dump
is "$answer" 'dump none' 'it is not at its end then'
dump_ended() {
	tell dump
	[ "$answer" != 'dump none' ]
}
poll_until dump_ended
result $? 'it goes on'
[[ $answer =~ written=([0-9]+)\ failed=([0-9]+)\ errno=1\ size=([0-9]+)$ ]]
result $? 'its writes fail' "$answer"
seen=("${BASH_REMATCH[@]}")
between "${seen[1]}" 900000 1100000 'it wrote what it had before'
between "${seen[2]}" 900 1100 'and nothing more'
between "${seen[3]}" 0 400000 'of which most was taken away again'
assert_undisturbed "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 20
is "$status" 0 'the run after that has a snapshot' || diag "$err"
assert_undisturbed "$V_PID"
stop_victim
done_testing
