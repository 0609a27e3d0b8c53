#!/bin/bash
# A process that never comes back from a call, however busy it is: it is given up
# when the time is over, or when the user wants to stop, and goes on alone.
. "${0%/*}/../lib.sh"

# in_dump PID: its helper thread has written the first part of its dump.
in_dump() {
	local task name
	for task in "/proc/$1/task"/*; do
		{ name=$(<"$task/comm"); } 2>/dev/null
		[ "$name" != heapsnap ] ||
			[ "$(awk '/^wchar:/ { print $2 }' "$task/io")" -lt 1000000 ] ||
			return 0
	done
	return 1
}

# What the call does meanwhile is no reason to wait for it.
start_victim dumper --endless spin
HS_TIMEOUT=40 run heapsnap -p "$V_PID" -n 1 --no-save --timeout 1
is "$status" 5 'system calls without end: given up'
like "$err" 'mallctl."prof.dump".: time is up' 'the error says at what'
like "$err" 'hint: thread [0-9]+, which heapsnap made for it, is still at it' \
	'and what is left'
kill_started

# Far from the end of its time.
for how in spin flood; do
	for signal in INT TERM; do
		start_victim dumper --endless $how
		# Not as a job of the background, which has SIGINT ignored.
		python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$HEAPSNAP" -p "$V_PID" -n 1 --no-save \
			--timeout 1h >"$TMP/out" 2>"$TMP/err" &
		hs=$!
		started $hs
		poll_until in_dump "$V_PID"
		result $? "$how: it is in the middle of its dump"
		kill -$signal $hs
		poll_until ended $hs
		result $? "$how: SIG$signal ends heapsnap" || kill -KILL $hs
		wait $hs
		status=$?
		forget $hs
		err=$(cat "$TMP/err")
		is $status $((128 + $(kill -l $signal))) "$how, SIG$signal: its exit code" || diag "$err"
		like "$err" 'prof.dump.*: interrupted' 'the error says at what'
		kill -0 "$V_PID"
		result $? 'the process lives'
		kill_started
	done
done
done_testing
