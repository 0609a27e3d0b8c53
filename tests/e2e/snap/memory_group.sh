# shellcheck shell=bash
# Control groups of a test's own, with a limit of memory. As root; after lib.sh.

CGROUPS=/sys/fs/cgroup
groups=()
leave_groups() {
	local group
	kill_started
	for group in "${groups[@]}"; do
		rmdir "$group"
	done
	clean_up
}
trap leave_groups EXIT

# memory_group MiB: a new group, $group, with the current victim in it, may use
# so much beside what it has (of version 1, or 2).
memory_group() {
	local top=$CGROUPS/memory limit=memory.limit_in_bytes
	if ! [ -d "$top" ]; then
		top=$CGROUPS limit=memory.max
		[ ! -d $CGROUPS/unified ] || top=$CGROUPS/unified
		echo +memory >"$top/cgroup.subtree_control" || return
	fi
	group=$top/heapsnap-test.$$.${#groups[@]}
	mkdir "$group" && groups+=("$group") &&
		echo "$V_PID" >"$group/cgroup.procs" &&
		echo $(($1 << 20)) >"$group/$limit"
}
