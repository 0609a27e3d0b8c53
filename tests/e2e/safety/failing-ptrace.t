#!/bin/bash
# As failing-calls.t, when ptrace(2) fails: once, twice, and from some time on,
# so that nothing can be put back by hand any more.
#
# First: it takes minutes.
. "${0%/*}/../lib.sh"
. "${0%/*}/failing.sh"

# For the minutes that it takes its busy threads leave the CPUs to other tests.
MALLOC_CONF=prof:true start_victim leaker --busy 1 --nice 10
look_before
settle 'at first'
how=dirty left=but_stacks
each ptrace EIO 'Input/output error'
each ptrace EIO 'Input/output error' +

# A thread that ends while another takes its number, in execve(2), is refused
# once (at a moment that changes.t finds in one of many runs).
failing "ptrace:error=EPERM:when=$(($(began ptrace) + 1))"
is "$status $(grep -c 'SEIZE.*EPERM.*INJECTED' "$TMP/trace")" '0 1' \
	'a first refusal of a thread is not the last word' ||
	diag "$(cat "$TMP/err")"
stop_victim

# Threads that wait in calls that the kernel does not simply issue again: what
# is put back is tried twice, so it fails twice. Left to its frame a thread may
# see the one EINTR of a SIGKILL, and not more.
MALLOC_CONF=prof:true start_victim waiter --wait nanosleep \
	--wait epoll
look_before
read_report
for kind in nanosleep epoll; do
	borrowed=$(field $kind tid)
	learn
	wrong=
	pulse "$V_PID"
	for ((n = 1; n < borrowed_points + 3; n++)); do
		before=$eintr
		hurt=
		failing "ptrace:error=EIO:when=$n..$((n + 1))" "$HEAPSNAP_FAULT"
		check_files
		check_words 'Input/output error'
		examine dirty
		[ $((eintr - before)) -le 1 ] || hurt+=" $((eintr - before)) EINTR"
		[ -z "$hurt" ] || wrong+="$n:$hurt"$'\n'
	done
	[ -z "$wrong" ]
	result $? "$kind: ptrace fails with EIO: said, and nobody hurt" "$wrong"
	settle $kind but_stacks
done
stop_victim
done_testing
