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

# And it costs no more memory than it may, of anybody.
start_victim dumper --endless flood
TMPDIR=$TMP run timeout -k 5 60 python3 -c 'import os, resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as f:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=f)
sys.exit(status)' "$TMP/kib" "$HEAPSNAP" -p "$V_PID" -n 1 --no-save --timeout 1 \
	--max-dump 400M
is "$status" 6 'a dump without end: as much of it as it may have is taken'
like "$err" 'its dump is larger than 400.0 MiB, the most that is taken; also: .*time' \
	'the error says how much that was'
like "$err" 'hint: --max-dump takes a larger one' 'and what to do'
between "$(cat "$TMP/kib")" 1 1000000 'KiB of memory that heapsnap had'
between "$(awk '/^Rss(Shmem|Anon)/ { n += $2 } END { print n }' \
	"/proc/$V_PID/status")" 1 50000 'and that the process has'
kill_started

start_victim dumper
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save --max-dump 100K
is "$status" 6 'a small one that may be smaller'
is "$err" "heapsnap: cannot snapshot process $V_PID ('dumper'): its dump is larger \
than 100.0 KiB, the most that is taken
heapsnap: hint: --max-dump takes a larger one" 'the error says so'
assert_undisturbed "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save --max-dump 2M
is "$status" 0 'may be larger' || diag "$err"
assert_undisturbed "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save --max-dump 0
is "$status" 2 'nothing is no size'
stop_victim

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
