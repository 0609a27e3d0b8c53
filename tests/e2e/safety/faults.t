#!/bin/bash
# The service is not harmed when heapsnap dies at the worst moment. heapsnap
# ends itself after its first ptrace request, then after its second, and so on
# until a run gets to its end. After each the process lives, its heartbeat
# beats, no thread of it is stopped, and what its threads wait for is as
# attach/arch.h promises it: by SIGINT and SIGTERM nothing is to be seen at all;
# by SIGKILL the borrowed thread, and no other, may see one EINTR, of a call
# that the kernel takes up by restart_syscall(2), while our call is on it, or of
# one that never restarts, signal(7), while it is only stopped.
#
# First: it takes minutes.
. "${0%/*}/../lib.sh"
. "${0%/*}/faults.sh"

# For the minutes that it takes its busy threads leave the CPUs to other tests.
MALLOC_CONF=prof:true start_victim leaker --busy 2 --nice 10
look_before
storm KILL 137 0:0 'busy threads: SIGKILL after each ptrace request'
settle 'busy threads' but_stacks
# Once enough for what no thread of the process depends on.
rest=${FAULT_STRIDE:-7}
storm INT 130 0:0 'busy threads: SIGINT after each ptrace request'
settle 'busy threads, SIGINT'
stop_victim
done_testing
