#!/bin/bash
# The service is not harmed when heapsnap dies at the worst moment. heapsnap
# ends itself after its first ptrace request, then after its second, and so on
# until a run gets to its end. After each the process lives, its heart beats,
# no thread of it is stopped, and what its threads wait for is as attach/arch.h
# promises it: by SIGINT and SIGTERM nothing is to be seen at all; by SIGKILL the
# borrowed thread, and no other, may see one EINTR, of a call that the kernel
# takes up by restart_syscall(2), while our call is on it, or of one that never
# restarts, signal(7), while it is only stopped.
. "${0%/*}/../lib.sh"
. "${0%/*}/faults.sh"

MALLOC_CONF=prof:true start_victim leaker --busy 2
look_before
storm KILL 137 0:0 'busy threads: SIGKILL after each ptrace request'
settle 'busy threads' but_stacks
storm INT 130 0:0 'busy threads: SIGINT after each ptrace request'
settle 'busy threads, SIGINT'
stop_victim

MALLOC_CONF=prof:true start_victim waiter --wait all
look_before
storm KILL 137 0:0 'all wait: SIGKILL after each ptrace request'
settle 'all wait' but_stacks
storm TERM 143 0:0 'all wait: SIGTERM after each ptrace request'
settle 'all wait, SIGTERM'

# Waits of each way in which the kernel takes up an interrupted call, with the
# EINTRs that SIGKILL may show. epoll-timed is at times not in its wait, and a
# run has some points more then.
read_report
for row in read:0:0 select-timed:0:0 futex:0:0 cond-timed:0:0 nanosleep:0:1 \
	poll:0:1 sem-timed:0:1 epoll:1:0 epoll-timed:1:1; do
	kind=${row%%:*}
	host=$(field "$kind" tid)
	learn
	storm KILL 137 "${row#*:}" "$host_points" "$kind: SIGKILL while borrowed"
done
settle 'each kind, SIGKILL' but_stacks
for kind in epoll nanosleep; do
	host=$(field "$kind" tid)
	learn
	storm INT 130 0:0 "$host_points" "$kind: SIGINT while borrowed"
done
settle 'each kind, SIGINT'

tell poke
is "$answer" 'poked' 'every wait without end can still be woken'
# The heart, which was never borrowed, tells how late the machine itself was.
most=$((50000 + $(heart "$V_PID" max_gap_us)))
read_report
for kind in "${!line_of[@]}"; do
	# It cannot be told the time that is left, and started anew each time.
	[ "$kind" = epoll-timed ] || between "$(field "$kind" late_us)" 0 \
		"$most" "$kind ended on time"
done
stop_victim
done_testing
