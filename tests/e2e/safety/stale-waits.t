#!/bin/bash
# A thread that waits can be borrowed although stale words on its stack point
# into the allocator: also when a stop of ours, or an earlier run's, has ended
# its wait, with which the kernel then goes on by another call, or when the
# kernel has written the time left to that stack.
. "${0%/*}/../lib.sh"

# snapshot TID: on that thread.
snapshot() {
	run timeout -k 1 60 env HS_FAULT_THREAD="$1" "$HEAPSNAP_FAULT" \
		-p "$V_PID" -n 1 --no-save -f json --timeout "${2:-20s}"
}

# The waits last longer than the test: none begins anew.
MALLOC_CONF=prof:true,lg_prof_sample:0 \
	start_victim waiter --wait all --stale yes --for 1000000
undisturbed_before "$V_PID"
read_report
kinds=("${!line_of[@]}")

# glibc waits for a mutex by FUTEX_WAIT, and that of Debian 11 for a condition, too.
as_for_mutex=(futex futex-timed)
read -ra call <"/proc/$V_PID/task/$(field cond tid)/syscall"
[ "$((call[2] & 127))" != 0 ] || as_for_mutex+=(cond)

for kind in "${kinds[@]}"; do
	tid=$(field "$kind" tid)
	[[ " ${as_for_mutex[*]} " != *" $kind "* ]] || continue
	wrong=
	for _ in 1 2 3; do
		snapshot "$tid"
		[ "$status" = 0 ] || wrong+="status $status: $err"$'\n'
	done
	[ -z "$wrong" ]
	result $? "$kind: 3 snapshots on its thread" "$wrong"
done

# What waits as for a mutex is not trusted: the words may be its frames.
for kind in "${as_for_mutex[@]}"; do
	snapshot "$(field "$kind" tid)" 200ms
	is "$status" 5 "$kind: refused" || diag "$err"
	like "$err" 'is inside jemalloc' "$kind: with the reason"
done

# The same thread is not safe in one line and without a safe moment in another.
run heapsnap check -v -p "$V_PID" -f json
is "$status" 0 'check: yes'
read_report
for kind in "${kinds[@]}"; do
	is "$(field "$kind" eintr)" 0 "$kind: no EINTR"
done
assert_undisturbed "$V_PID"
stop_victim
done_testing
