# shellcheck shell=bash
# Control groups of a test's own, of version 1 or 2. As root; after lib.sh.

CGROUPS=/sys/fs/cgroup
V2=$CGROUPS/unified
[ -d "$V2" ] || V2=$CGROUPS
groups=()

# Before the test's folder goes: by then nobody is in them.
leave_groups() {
	local group
	kill_started
	for group in "${groups[@]}"; do
		echo THAWED 2>/dev/null >"$group/freezer.state"
		rmdir "$group"
	done
	clean_up
}
trap leave_groups EXIT

# new_group TOP: a group below it, $group, with the current victim in it, if there is
# one.
new_group() {
	group=$1/heapsnap-test.$$.${#groups[@]}
	mkdir "$group" && groups+=("$group") || return
	[ -z "${V_PID:-}" ] || echo "$V_PID" >"$group/cgroup.procs"
}

# group CONTROLLER: the same, of version 1 where the controller is there, else of
# version 2; $version says which.
group() {
	local top=$CGROUPS/$1
	version=1
	if ! [ -d "$top" ]; then
		top=$V2
		version=2
		echo "+$1" >"$top/cgroup.subtree_control" || return
	fi
	new_group "$top"
}

# memory_group MiB: one that may use so much beside what it has.
memory_group() {
	local limit=memory.max
	group memory || return
	[ "$version" = 2 ] || limit=memory.limit_in_bytes
	echo $(($1 << 20)) >"$group/$limit"
}
