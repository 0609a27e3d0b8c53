#!/bin/bash
# A process in a seccomp sandbox is never harmed by it: its filters are read and
# asked about all that a snapshot does in it. Where they allow it, it is done;
# where they allow it in another way, it is done in that way; where they do not,
# the process is left alone, with a sentence that names the system call. Most of
# the filters here end the process for a single system call that they do not
# expect: that it lives proves that there was none.
. "${0%/*}/../lib.sh"

# sandbox ARGUMENT...: a victim in filters.
sandbox() {
	MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim sandbox "$@"
	undisturbed_before "$V_PID"
}

# one_more NAME: a snapshot is taken; the report is $out.
one_more() {
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	is "$status" 0 "$1: a snapshot is taken" || diag "$err"
}

# leave: it is as it was, and works.
leave() {
	assert_undisturbed "$V_PID" "$1: the process is undisturbed"
	tell leak
	is "$answer" 'leaked' "$1: and does its work"
	stop_victim
}

# allowed KIND MODE [NAME]: filter KIND allows a snapshot, by a helper thread or
# by a borrowed thread.
allowed() {
	local i
	sandbox --filter "$1"
	for i in 1 2 3; do
		one_more "$1, $i"
		is "$(jq -r .snapshot.capture.mode <<<"$out")" "$2" \
			"$1, $i: in a thread of the kind '$2'"
		between "$(jq .totals.objects <<<"$out")" 64 80 \
			"$1, $i: with what is live"
	done
	leave "$1"
}

# refused KIND SENTENCE: the process is left alone.
refused() {
	sandbox --filter "$1"
	run heapsnap -p "$V_PID" -n 1 --no-save
	is "$status" 4 "$1: is refused"
	is "$err" "heapsnap: cannot snapshot process $V_PID ('sandbox'): $2
heapsnap: hint: a snapshot makes that system call in the process: let its \
filter allow it" "$1: and the reason is reported"
	leave "$1"
}

allowed allow guest
allowed log guest
allowed list guest
allowed list-fails guest
allowed known guest
allowed no-exec guest
allowed no-suid guest
allowed clone3-enosys guest
allowed unlink-kills guest

# memfd_create(2) is not allowed, a file is. Failing with 0 is failing as well.
allowed list-file guest
allowed no-memfd guest
allowed memfd-eperm guest
allowed memfd-zero guest

# No thread may be made. None is borrowed where one might be cancelled in the middle,
# which older C libraries always are ready for.
if older_glibc 2.34; then
	diag 'glibc before 2.34: no thread is borrowed'
else
	allowed no-clone borrowed
	allowed clone3-eperm borrowed
	allowed clone-zero borrowed
fi
sandbox --cancels yes --filter no-clone
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 5 'a process that cancels threads: is refused'
like "$err" 'no thread can be borrowed: .* pthread_cancel\(\)' \
	'a process that cancels threads: and the reason is reported'
leave 'a process that cancels threads'

kills="its seccomp filter would kill it for the system call"
refused own "$kills 'creat'"
refused no-restart "$kills 'restart_syscall'"
refused no-creat \
	"its seccomp filter would send it SIGSYS for the system call 'creat'"
refused creat-traced \
	"its seccomp filter asks a tracer about the system call 'creat'"
refused no-sigreturn "its seccomp filter would kill one of its threads for the \
system call 'rt_sigreturn'"

# Of several filters each one counts, whichever came first.
for first in allow list; do
	for second in allow list no-memfd; do
		sandbox --filter $first --filter $second
		one_more "$first and $second"
		leave "$first and $second"
	done
done
sandbox --filter no-creat --filter allow --filter list
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 4 'the first of three filters forbids it'
leave 'the first of three'

# A filter is a thread's own: the heartbeat's has none, and is taken instead.
sandbox --own own
one_more 'a filter of the main thread alone'
is_not "$(jq .snapshot.capture.host_tid <<<"$out")" "$V_PID" \
	'another thread is borrowed'
leave 'a filter of the main thread alone'

# Only to be stopped while waiting with a time-out can kill: the kernel would
# go on by restart_syscall(2).
V_HEARTBEAT=no sandbox --sleeps yes --filter no-restart
for i in 1 2 3; do
	run heapsnap -p "$V_PID" -n 1 --no-save
	is "$status" 4 "a wait that may not be taken up, $i: is refused"
done
leave 'a wait that may not be taken up'

# What only an option needs is not done either.
MALLOC_CONF=prof:true,prof_active:false,lg_prof_sample:0 start_victim sandbox \
	--filter no-memfd
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" --activate -i 100ms --no-save
is "$status" 6 'sampling cannot be switched on without a mark'
like "$err" 'the target cannot make a memfd, by which what --activate does is \
?marked: Operation not permitted' 'and that is reported'
leave '--activate'

# Whoever may not read filters does not guess.
sandbox --filter list
unreadable="heapsnap: cannot snapshot process $V_PID ('sandbox'): its seccomp \
filter cannot be read, and may kill it for what a snapshot does: \
PTRACE_SECCOMP_GET_FILTER of thread"
no_admin() {
	setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		"$HEAPSNAP" "$@"
}
run no_admin -p "$V_PID" -n 1 --no-save
is "$status" 4 'filters that cannot be read: refused'
like "$err" "${unreadable//[()]/.} [0-9]+: Permission denied" 'and why'
like "$err" 'hint: run as root outside of the container, or, when the filter \
?allows memfd_create, clone, creat, fcntl, prctl and restart_syscall, say so with \
?--assume-seccomp-allows' 'and what to do'
assert_undisturbed "$V_PID"
undisturbed_before "$V_PID"
run no_admin -p "$V_PID" -n 1 --no-save --assume-seccomp-allows
is "$status" 0 'the user says that it is allowed' || diag "$err"
leave 'filters that cannot be read'
done_testing
