#!/bin/bash
# Where heapsnap itself hardly ever gets a CPU, no thread is held any longer: while
# it holds one it has a real-time policy (sched(7)), and what it waits for
# afterwards is no part of the stop. (It is idle by its policy, and bound to a CPU
# that another process takes for the time being.)
#
# Alone: it takes a CPU from all others.
# Plain: how long a thread is stopped is measured.
. "${0%/*}/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'only root may have a real-time policy'
BUSY_S=4
MALLOC_CONF=prof:true V_HEARTBEAT=no start_victim leaker --busy 1
taskset --all-tasks --cpu-list --pid 1 "$V_PID" >"$TMP/taskset"
undisturbed_before "$V_PID"
timeout $BUSY_S taskset --cpu-list 0 sh -c 'while :; do :; done' 2>/dev/null &
hog=$!
started $hog
run chrt --idle 0 taskset --cpu-list 0 "$HEAPSNAP" -p "$V_PID" -n 1 --no-save \
	--timeout 30s -f json
is "$status" 0 'a snapshot by a process without a CPU' || diag "$err"
between "$(jq -r .snapshot.capture.pause_us <<<"$out")" 1 20000 \
	'the longest stop is the thread'"'"'s, not ours'
wait $hog
forget $hog
assert_undisturbed "$V_PID"
stop_victim
done_testing
