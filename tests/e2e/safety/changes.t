#!/bin/bash
# Whatever becomes of a process in the middle of a run, it is the process's own
# doing and stays so: one that is stopped stays stopped until somebody continues
# it; one that ends, ends as it wanted to; one that calls execve(2) is the new
# program, with nothing of ours in it. heapsnap says in a sentence what
# happened, soon. And a heapsnap that is stopped by Ctrl-Z leaves nobody else
# stopped.
#
# At every 7th ptrace request of a run, or every $FAULT_STRIDE-th.
#
# First: it takes minutes.
. "${0%/*}/../lib.sh"

stride=${FAULT_STRIDE:-$((7 * ${FAULT_SPACING:-1}))}
least=$(((5 + ${FAULT_SPACING:-1} - 1) / ${FAULT_SPACING:-1}))
TIMEOUT_S=1
export MALLOC_CONF=prof:true

# meanwhile SIGNAL:N: the victim gets the signal after the Nth ptrace request.
# Number and name of that in $point; false: there is none.
meanwhile() {
	local start=${EPOCHREALTIME/./}
	rm -f "$TMP/log"
	run timeout -k 1 20 env HS_FAULT="$1" HS_FAULT_TARGET="$V_PID" \
		HS_FAULT_LOG="$TMP/log" "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 \
		--no-save --timeout ${TIMEOUT_S}s
	took_ms=$(((${EPOCHREALTIME/./} - start) / 1000))
	point=$(grep "^${1#*:} " "$TMP/log")
	[ -n "$point" ]
}

# says STATUS SENTENCE: else it is in $wrong. A run may as well be over by then.
says() {
	[ "$took_ms" -le $((TIMEOUT_S * 1000 + 10000)) ] ||
		wrong+="$point: $took_ms ms"$'\n'
	[ "$status" != 0 ] || return
	failed=$((failed + 1))
	[ "$status/$err" = "$1/heapsnap: cannot snapshot process $V_PID \
('$(cat "$TMP/comm")'): $2" ] || wrong+="$point: $status $err"$'\n'
}

# verdict LEAST NAME: at LEAST so many runs were cut short.
verdict() {
	[ -z "$wrong" ]
	result $? "$2" "$wrong"
	between "$failed" "$1" 1000 "$2: runs that were cut short"
}

begin() {
	wrong=
	failed=0
}

# --- stopped and continued ---------------------------------------------------

V_HEARTBEAT=no start_victim leaker --idle 1
cat "/proc/$V_PID/comm" >"$TMP/comm"
all_run() {
	all_threads_run "$V_PID"
}
meanwhile KILL:0
undisturbed_before "$V_PID"
begin
for ((n = 1; n < 2000; n += n < 6 ? 1 : stride)); do
	meanwhile STOP:$n || break
	says 5 "it was stopped meanwhile
heapsnap: hint: continue it with 'kill -CONT $V_PID' and try again"
	poll_until all_threads_stop "$V_PID" ||
		wrong+="$point: is not stopped"$'\n'
	kill -CONT "$V_PID"
	poll_until all_run || wrong+="$point: does not go on"$'\n'
done
verdict 1 'stopped in the middle of a run, it stays so until it is continued'
assert_undisturbed "$V_PID" 'stopped in the middle: undisturbed'

# Continued soon after: there was time enough.
TIMEOUT_S=20
begin
for ((n = 1; n < 60; n += stride)); do
	{
		poll_until all_threads_stop "$V_PID"
		kill -CONT "$V_PID"
	} &
	continues=$!
	meanwhile STOP:$n
	wait $continues
	says 0 ''
	[ "$status" = 0 ] || wrong+="$point: $status $err"$'\n'
	poll_until all_run || wrong+="$point: does not go on"$'\n'
done
[ -z "$wrong" ]
result $? 'stopped and continued in the middle of a run: a snapshot' "$wrong"
assert_undisturbed "$V_PID" 'stopped and continued: undisturbed'
stop_victim
TIMEOUT_S=1

# --- another program, or none ------------------------------------------------

# jemalloc opens what it dumps to without O_CLOEXEC (creat, src/prof_sys.c): the
# new program has that descriptor, of a memfd without memory then.
left_memory() {
	local fd
	for fd in /proc/"$V_PID"/fd/*; do
		[[ $(readlink "$fd") != *memfd* ]] ||
			[ "$(stat -L -c %b "$fd")" = 0 ] || return
	done
}

begin
for ((n = 1; n < 2000; n += stride)); do
	V_HEARTBEAT=no start_victim changer
	cat "/proc/$V_PID/comm" >"$TMP/comm"
	meanwhile USR1:$n || break
	says 4 "it has become another program meanwhile, by execve(2)
heapsnap: hint: try again: what it was is gone"
	victim_line line
	[ "$line" = "ready $V_PID" ] || wrong+="$point: $line"$'\n'
	all_run || wrong+="$point: $(print_threads "$V_PID")"$'\n'
	left_memory || wrong+="$point: a memfd that is not empty"$'\n'
	tell times
	[ "$answer" = 'times 1' ] || wrong+="$point: $answer"$'\n'
	echo quit >&"$V_IN"
	wait "$V_PID" || wrong+="$point: ends with $?"$'\n'
	forget "$V_PID"
	exec {V_IN}>&- {V_OUT}>&-
done
stop_victim
verdict $least 'it calls execve in the middle of a run'

begin
for ((n = 1; n < 2000; n += stride)); do
	V_HEARTBEAT=no start_victim changer
	cat "/proc/$V_PID/comm" >"$TMP/comm"
	meanwhile USR2:$n || break
	says 4 'it ended meanwhile'
	wait "$V_PID"
	[ $? = 7 ] || wrong+="$point: not as it wanted"$'\n'
	forget "$V_PID"
	exec {V_IN}>&- {V_OUT}>&-
done
stop_victim
verdict $least 'it exits in the middle of a run'

# What is left of it cannot be seen, but it lives.
main_ended() {
	grep -q '^State:.Z' "/proc/$V_PID/status"
}
begin
for ((n = 1; n < 2000; n += stride)); do
	V_HEARTBEAT=no start_victim headless
	cat "/proc/$V_PID/comm" >"$TMP/comm"
	meanwhile USR1:$n || break
	says 4 "its main thread has ended meanwhile, so its memory cannot be \
seen"
	poll_until main_ended || wrong+="$point: its main thread is there"$'\n'
	kill -USR2 "$V_PID"
	wait "$V_PID"
	[ $? = 7 ] || wrong+="$point: not as it wanted"$'\n'
	forget "$V_PID"
	exec {V_IN}>&- {V_OUT}>&-
done
kill -USR1 "$V_PID"
poll_until main_ended
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status/$err" "4/heapsnap: the main thread of process $V_PID has ended, so \
its memory cannot be seen" 'its main thread has ended before: said'
kill -USR2 "$V_PID"
wait "$V_PID"
is $? 7 'its main thread has ended before: it goes on, and ends as it wanted'
forget "$V_PID"
exec {V_IN}>&- {V_OUT}>&-
verdict $least 'its main thread ends in the middle of a run'

# --- Ctrl-Z ------------------------------------------------------------------

# With job control on, a group of its own is no orphan, in which SIGTSTP would
# do nothing.
start_victim leaker --idle 1
undisturbed_before "$V_PID"
begin
stops=0
for ((n = 1; n < 2000; n += stride)); do
	rm -f "$TMP/log"
	set -m
	HS_FAULT=TSTP:$n HS_FAULT_LOG=$TMP/log "$HEAPSNAP_FAULT" -p "$V_PID" \
		-n 1 --no-save >"$TMP/out" 2>"$TMP/err" </dev/null &
	suspended=$!
	set +m
	started $suspended
	poll_until stopped_or_ended $suspended || wrong+="$n: neither"$'\n'
	ended $suspended || stops=$((stops + 1))
	[ "$(grep -c . "$TMP/log")" -ge $n ] || n=2000
	DEADLINE=3 poll_until all_run ||
		wrong+="$n: $(print_threads "$V_PID")"$'\n'
	kill -CONT $suspended 2>/dev/null
	wait $suspended || wrong+="$n: ends with $?: $(cat "$TMP/err")"$'\n'
	forget $suspended
done
[ -z "$wrong" ]
result $? 'Ctrl-Z: no thread of the process is stopped with heapsnap' "$wrong"
between $stops 10 1000 'Ctrl-Z: heapsnap was stopped'
assert_undisturbed "$V_PID" 'Ctrl-Z: undisturbed'
stop_victim
done_testing
