/**
 * @file rseq.h - restartable sequences (rseq(2), Linux kernel/rseq.c).
 *
 * Inside one the kernel aborts the thread only at its own preemption points: a
 * tracer that moves the PC away would make it continue half-way later.
 */
#ifndef ATTACH_RSEQ_H
#define ATTACH_RSEQ_H

#include <stdbool.h>
#include <sys/types.h>

#include "attach/arch.h"

/**
 * Whether thread @tid, which is in a ptrace-stop with @regs, is inside a
 * restartable sequence, or that cannot be told.
 *
 * Where the thread has its struct rseq Linux tells since 5.13. Before that it
 * is looked for where C libraries and others (glibc since 2.35, librseq,
 * tcmalloc) have it: among the thread's static variables, 64 KiB below the
 * thread pointer to 4 KiB above. All that may be one is taken as one, as long
 * as it leads to a sequence that the PC is in.
 */
bool rseq_is_inside(pid_t tid, const struct arch_regs *regs);

#endif
