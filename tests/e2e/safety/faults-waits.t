#!/bin/bash
# As faults.t, of threads that wait: all of them, and each kind while it is the
# one that is borrowed.
#
# First: it takes minutes.
. "${0%/*}/../lib.sh"
. "${0%/*}/faults.sh"

MALLOC_CONF=prof:true start_victim waiter --wait all
look_before
# faults.t has each point of the rest, on which no thread depends.
rest=${FAULT_STRIDE:-7}
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
	borrowed=$(field "$kind" tid)
	learn
	storm KILL 137 "${row#*:}" "$borrowed_points" \
		"$kind: SIGKILL while borrowed"
done
settle 'each kind, SIGKILL' but_stacks
for kind in epoll nanosleep; do
	borrowed=$(field "$kind" tid)
	learn
	storm INT 130 0:0 "$borrowed_points" "$kind: SIGINT while borrowed"
done
settle 'each kind, SIGINT'

tell poke
is "$answer" 'poked' 'every wait without end can still be woken'
# The heartbeat's thread was never borrowed: how late it was the machine was.
most=$((50000 + $(heartbeat "$V_PID" max_gap_us)))
read_report
for kind in "${!line_of[@]}"; do
	# To these the time that is left cannot be handed: they restart in full.
	case $kind in epoll-timed | epoll-pwait2-timed | sigtimedwait-timed | \
		io-getevents-timed) continue ;; esac
	between "$(field "$kind" late_us)" 0 "$most" "$kind ended on time"
done
stop_victim
done_testing
