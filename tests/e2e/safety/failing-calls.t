#!/bin/bash
# A system call of heapsnap's own that fails, whichever and whenever, ends in a
# good report or in one sentence that says what failed and why; in no half of a
# file; and in a process that goes on as before. strace makes each call fail at
# its 1st to 40th time.
#
# First: it takes minutes.
. "${0%/*}/../lib.sh"
. "${0%/*}/failing.sh"

# Only SIGKILL leaves a thread or a memfd behind, says safety/faults.t; so does a
# thread that heapsnap can do nothing with any more: the next run takes it away.
# For the minutes that it takes its busy threads leave the CPUs to other tests.
MALLOC_CONF=prof:true start_victim leaker --busy 1 --nice 10
look_before
settle 'at first'
each openat EMFILE 'Too many open files'
each pidfd_open EMFILE 'Too many open files'
each write ENOSPC 'No space left on device'
if nm -D "$HEAPSNAP" | grep -q __asan_init; then
	pass 'mmap # SKIP a sanitizer ends the program when it fails'
else
	each mmap ENOMEM 'Cannot allocate memory'
fi
how=dirty left=but_stacks
each process_vm_readv EPERM 'Operation not permitted'
each pwrite64 EFAULT 'Bad address'
stop_victim
done_testing
