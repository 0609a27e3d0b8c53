/**
 * @file wait.h - what a blocked thread waits in, when the kernel goes on with
 * an interrupted call by another one.
 */
#ifndef ATTACH_WAIT_H
#define ATTACH_WAIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "attach/arch.h"
#include "proc/task.h"

/**
 * A stop, by whomever, ends poll(2), nanosleep(2) and futex(2) with a time-out,
 * and they go on as restart_syscall(2), for as long as they last. Makes of such
 * a @wait the one that it continues, by the code before @pc, where thread @tid
 * is. What the code does not tell stays restart_syscall(2); another wait
 * stays as it is.
 */
void wait_continued(pid_t tid, uint64_t pc, struct arch_wait *wait);

/**
 * Thread @tid, stopped with @regs, stands at a system call: it waits in it, or
 * has left one that is no wait for a lock and has run no instruction since. An
 * event loop that always finds something to do waits never, but spends most of
 * its time in such calls; it holds what it would hold if it had to wait there.
 * It need not be held.
 */
bool wait_stands_at_call(pid_t tid, const struct arch_regs *regs);

/** The wait of blocked thread @tid, which is in a system call at @where. */
struct arch_wait wait_at(pid_t tid, const struct task_syscall *where);

#endif
