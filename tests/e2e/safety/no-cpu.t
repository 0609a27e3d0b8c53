#!/bin/bash
# A thread that gets no CPU for seconds cannot stop either: it is waited for,
# and is not the end of the search. (It is idle by its policy, sched(7), and
# bound to a CPU that others take for the time being.)
#
# Alone: it takes a CPU from all others.
# Plain: how long is waited is a matter of the kernel's.
. "${0%/*}/../lib.sh"

BUSY_S=4
MALLOC_CONF=prof:true V_HEARTBEAT=no start_victim leaker --busy 1
chrt --idle --all-tasks --pid 0 "$V_PID"
taskset --all-tasks --cpu-list --pid 0 "$V_PID" >"$TMP/taskset"
undisturbed_before "$V_PID"

# hog COMMAND...: takes CPU 0 for a while, by such a policy.
hogs=()
hog() {
	timeout $BUSY_S "$@" taskset --cpu-list 0 \
		sh -c 'while :; do :; done' 2>/dev/null &
	hogs+=($!)
	started $!
}

# Root's leave it nothing: of the twentieth that real-time threads leave to
# others (sched(7), sched_rt_runtime_us) the rest of them takes all.
if [ "$(id -u)" = 0 ]; then
	hog chrt --fifo 1
	for _ in {1..5}; do hog nice -n -20; done
else
	for _ in {1..20}; do hog nice -n 0; done
fi
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 30s -f json
is "$status" 0 'the snapshot is taken when it gets a CPU' || diag "$err"
is "$(jq -r .snapshot.capture.mode <<<"$out")" guest 'and by a helper thread'
for pid in "${hogs[@]}"; do
	wait "$pid"
	forget "$pid"
done
assert_undisturbed "$V_PID"
stop_victim
done_testing
