#!/bin/bash
# A process at its limits, or with its threads on unusual stacks, is snapshotted
# in a way that its limits allow, or heapsnap says why not; the process never
# ends for want of memory, is never left with a call of ours in it, and never
# grows by more than SAFETY.md says. Each limit and each stack has a victim here
# that goes on.
. "${0%/*}/../lib.sh"
. "${0%/*}/../groups.sh"

[ "$(id -u)" = 0 ] || skip_all 'control groups and limits take root'

# snapshot NAME MODE: one is taken, and how; a JSON report in $out.
snapshot() {
	run heapsnap -p "$V_PID" -n 1 --no-save -f json --top 1 \
		--timeout 20s
	is "$status" 0 "$1: a snapshot is taken" || diag "$err"
	is "$(jq -r .snapshot.capture.mode <<<"$out")" "$2" "$1: in mode $2"
}

# refused STATUS SENTENCE NAME
refused() {
	run heapsnap -p "$V_PID" -n 1 --no-save --timeout 1s
	is "$(without_counts "$err")" "heapsnap: cannot snapshot process $V_PID \
('$(cat "/proc/$V_PID/comm")'): $2" "$3: said"
	is "$status" "$1" "$3: exit status"
}

# leave NAME: nobody has noticed.
leave() {
	assert_undisturbed "$V_PID" "$1: undisturbed"
	stop_victim
}

export MALLOC_CONF=prof:true,lg_prof_sample:0

# --- no more threads ---------------------------------------------------------

start_victim leaker
group pids
echo 2 >"$group/pids.max"
undisturbed_before "$V_PID"
for n in first second; do
	snapshot "a pids control group that is full, $n" borrowed
done
run heapsnap check -p "$V_PID"
like "$out" 'room for threads  its pids control group is full \(2 of 2\)' \
	'a pids control group that is full: check says so'
leave 'a pids control group that is full'

# --- no more memory ----------------------------------------------------------

# memory LEFT: to the victim, in KiB; it had none given back before.
memory() {
	local used
	if [ $version = 1 ]; then
		used=$(cat "$group/memory.usage_in_bytes")
		echo $((used + $1 * 1024)) >"$group/memory.limit_in_bytes"
	else
		used=$(cat "$group/memory.current")
		echo $((used + $1 * 1024)) >"$group/memory.max"
	fi
}

oom_kills() {
	if [ $version = 1 ]; then
		sed -n 's/^oom_kill //p' "$group/memory.oom_control"
	else
		sed -n 's/^oom_kill //p' "$group/memory.events"
	fi
}

# What it has was allocated before it was in the group, and counts for another
# one: it allocates in the group.
large=65536
start_victim recurser --paths 131072
group memory
undisturbed_before "$V_PID"
memory $large
snapshot 'a first snapshot, with headroom' guest
size=$(jq .snapshot.capture.dump_bytes <<<"$out")
between "$size" $((60 << 20)) $((200 << 20)) 'the dump is large'
undisturbed_before "$V_PID"
memory 3072
snapshot 'a memory control group with 3 MiB left' guest
is "$(jq .snapshot.capture.dump_bytes <<<"$out")" "$size" \
	'3 MiB left: the dump is whole'
is "$(oom_kills)" 0 '3 MiB left: nothing was ended for want of memory'
assert_undisturbed "$V_PID" '3 MiB left: undisturbed'
memory 1024
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 4 'a memory control group with 1 MiB left: refused'
like "$err" "its memory control group has [0-9]+ KiB left, and a snapshot may \
?take 2048: the kernel would kill it for that
heapsnap: hint: raise the group's limit for the time of a snapshot" \
	'a memory control group with 1 MiB left: reported'
run heapsnap check -p "$V_PID"
is "$status" 4 '1 MiB left: so says check'
like "$out" 'no   room for memory   its memory control group has [0-9]+ KiB left' \
	'1 MiB left: and why'
is "$(oom_kills)" 0 '1 MiB left: nothing was ended for want of memory'
leave 'a memory control group that is full'

# The page cache of files fills every group in the end, and is given back.
start_victim leaker
group memory
memory 32768
if [ $version = 1 ]; then
	echo 0 >"$group/memory.swappiness"
fi
(
	echo "$BASHPID" >"$group/cgroup.procs"
	dd if=/dev/zero of="$TMP/cached" bs=1M count=64 conv=fsync 2>/dev/null
	cat "$TMP/cached" >/dev/null
)
undisturbed_before "$V_PID"
snapshot 'a memory control group full of cached files' guest
leave 'a memory control group full of cached files'
rm -f "$TMP/cached"

# What to do about a limit, for whoever may raise it, and for others: root of a
# container mostly has no CAP_SYS_RESOURCE (24 of linux/capability.h).
by_prlimit='raise that limit, as by prlimit(1), for the time of a snapshot'
by_others="raise that limit where the process is started (of a container: \
--ulimit), or by prlimit(1) as root outside of its container: it takes \
CAP_SYS_RESOURCE"
caps=$(sed -n 's/^CapEff:\t//p' /proc/self/status)
raise=$by_prlimit
((0x$caps >> 24 & 1)) || raise=$by_others

# --- no more addresses -------------------------------------------------------

# jemalloc 5.3.0 crashes in a new thread that gets a stack and nothing else.
for row in AS:as:VmSize DATA:data:VmData; do
	IFS=: read -r limit option used <<<"$row"
	start_victim leaker
	undisturbed_before "$V_PID"
	used=$(awk "/^$used/ { print \$2 }" "/proc/$V_PID/status")
	for left in 64 512 4096; do
		prlimit --pid "$V_PID" "--$option"=$(((used + left) * 1024)):
		refused 4 "RLIMIT_$limit leaves it $left KiB of addresses, and \
a snapshot may take 16384: jemalloc may crash when it gets none
heapsnap: hint: $raise" \
			"RLIMIT_$limit leaves $left KiB"
		assert_undisturbed "$V_PID" "RLIMIT_$limit leaves $left KiB"
	done
	prlimit --pid "$V_PID" "--$option"=$(((used + 16400) * 1024)):
	undisturbed_before "$V_PID"
	snapshot "RLIMIT_$limit leaves 16 MiB" guest
	leave "RLIMIT_$limit leaves 16 MiB"
done

# What a thread does after a crash of its own is to end, and nothing else.
start_victim dumper --crash version
undisturbed_before "$V_PID"
refused 6 'mallctl("version"): the injected call got signal 11 (Segmentation fault)' \
	'a call that crashes'
leave 'a call that crashes'

# Under mlockall(2) what is mapped is resident: a stack of 8 MiB would be.
start_victim corner --place locked
undisturbed_before "$V_PID"
locked() {
	awk '/^VmLck/ { print $2 }' "/proc/$V_PID/status"
}
before=$(locked)
between "$before" 1000 1000000 'all memory is locked'
snapshot 'mlockall' guest
between $(($(locked) - before)) 0 6144 'mlockall: what it grows by, in KiB'
before=$(locked)
snapshot 'mlockall, again' guest
between $(($(locked) - before)) 0 64 'mlockall, again: what it grows by'
leave mlockall

# With a limit, new memory cannot be had if it would be locked, too; one region
# that is locked says nothing of that. (A MiB is less than a snapshot may take.)
locked_more() {
	prlimit --pid "$V_PID" "--memlock=$((($(locked) + 1024) * 1024)):"
}
locked_allowed=$(ulimit -Sl)
ulimit -Sl 4096
V_HEARTBEAT=no start_victim corner --place region
ulimit -Sl "$locked_allowed"
undisturbed_before "$V_PID"
between "$(locked)" 1024 2048 'one region is locked'
run heapsnap check -p "$V_PID"
is "$status" 0 'one region is locked: check says yes' || diag "$out"
snapshot 'one region is locked' guest
leave 'one region is locked'

# A limit that nobody but the process's own user has to obey, as haproxy sets it
# for itself.
threads_allowed=$(ulimit -Su)
ulimit -Su 0 # root is exempt from it
V_HEARTBEAT=no start_victim corner --place region
ulimit -Su "$threads_allowed"
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID"
like "$out" '  but  room for threads  RLIMIT_NPROC of its user is full \([0-9]+ of 0\)' \
	'a user who may have no more threads: check says so'
snapshot 'a user who may have no more threads' borrowed
leave 'a user who may have no more threads'

V_HEARTBEAT=no start_victim corner --place future
undisturbed_before "$V_PID"
locked_more
why="it locks its new memory, too (mlockall(2) with MCL_FUTURE): \
RLIMIT_MEMLOCK leaves it 1024 KiB of addresses, and a snapshot may take 16384: \
jemalloc may crash when it gets none"
refused 4 "$why
heapsnap: hint: $raise" \
	'what is to come is locked'
assert_undisturbed "$V_PID" 'what is to come is locked'
run heapsnap check -p "$V_PID"
is "$status" 4 'what is to come is locked: check says no'
is "$(grep '^  no ' <<<"$out")" "  no   room for memory   $why" \
	'what is to come is locked: once, and why'
run setpriv --bounding-set -sys_resource "$HEAPSNAP" check -p "$V_PID"
is "$(sed -n 's/^ *do: //p' <<<"$out")" "$by_others" \
	'without the right to raise it: who can'
leave 'what is to come is locked'

# --- unusual stacks ----------------------------------------------------------

# place PLACE REFUSAL: with a second thread that one is used; alone the process
# is left alone.
place() {
	start_victim corner --place "$1"
	undisturbed_before "$V_PID"
	snapshot "$1" guest
	is_not "$(jq .snapshot.capture.host_tid <<<"$out")" "$V_PID" \
		"$1: the thread that is there is not used"
	leave "$1"
	V_HEARTBEAT=no start_victim corner --place "$1"
	undisturbed_before "$V_PID"
	refused 5 "no safe moment was found: ${2/PID/$V_PID}
heapsnap: hint: no --timeout helps while its threads stay where they are, and \
none has moved; the process was not changed" "$1, alone"
	leave "$1, alone"
}
place altstack "thread PID is not on its own stack"
place fiber "thread PID is not on its own stack"
place vfork 'thread PID waits in a way that cannot be interrupted'

# Of other threads, one with the smallest stack and one on a fiber: they alone
# may be taken.
for kind in small fiber; do
	start_victim corner --small 2 --fibers 2
	tell $kind
	borrowed=${answer#* }
	undisturbed_before "$V_PID"
	run timeout -k 1 20 env HS_FAULT_THREAD="$borrowed" "$HEAPSNAP_FAULT" \
		-p "$V_PID" -n 1 --no-save --timeout 1s
	is "$status" 5 "$kind: is not used"
	case $kind in
	small) why='has too little stack left' ;;
	fiber) why='is not on its own stack, or too deep in it' ;;
	esac
	# It may also have been met on its way into its call.
	said=$(without_counts "${err%%$'\n'*}")
	is "${said%%; thread*}" "heapsnap: cannot snapshot process $V_PID \
('corner'): no safe moment was found: thread $borrowed $why" "$kind: said"
	snapshot "$kind, and others" guest
	leave "$kind"
done

# --- not to run --------------------------------------------------------------

# frozen FILE FREEZE THAW: refused while it is, at once, and without a trace.
frozen() {
	undisturbed_before "$V_PID"
	echo "$2" >"$group/$1"
	start=$SECONDS
	refused 4 "it is frozen by its control group
heapsnap: hint: thaw it first ('docker unpause', or 0 in cgroup.freeze of its \
control group, THAWED in freezer.state)" "frozen by $1"
	between $((SECONDS - start)) 0 5 "frozen by $1: soon"
	run heapsnap check -p "$V_PID"
	is "$status" 4 "frozen by $1: so says check"
	like "$out" '  no   freezer  +it is frozen by its control group' \
		"frozen by $1: and why"
	print_threads "$V_PID" | sed 's/: [A-Z] /: runs /' >"$TMP/frozen"
	grep '^thread' "$TMP/before.$V_PID" >"$TMP/thawed"
	is "$(cat "$TMP/frozen")" "$(cat "$TMP/thawed")" \
		"frozen by $1: no thread has a call of ours on it"
	echo "$3" >"$group/$1"
	snapshot "thawed by $1" guest
	leave "frozen by $1"
}
start_victim leaker --busy 1
if [ -d "$CGROUPS/freezer" ]; then
	group freezer
	frozen freezer.state FROZEN THAWED
	start_victim leaker --busy 1
fi
new_group "$V2"
frozen cgroup.freeze 1 0
done_testing
