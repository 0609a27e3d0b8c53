/**
 * @file task.h - the threads of a process, seen from outside.
 */
#ifndef PROC_TASK_H
#define PROC_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct task_list {
	pid_t *tids; /* owned, ascending */
	size_t n, cap;
};

/** The threads of @pid now. HS_ERROR_GONE when there is no such process.
 *  Release with task_list_release(). */
struct hs_error *task_list_read(pid_t pid, struct task_list *ret) hs_must_check;

void task_list_release(struct task_list *list);

/** @tid is in @list. */
bool task_list_has(const struct task_list *list, pid_t tid);

/** Threads @a and @b share one descriptor table (clone(2), CLONE_FILES), as
 *  nearly all do: true also where kcmp(2) is missing or forbidden. */
bool task_shares_files(pid_t a, pid_t b);

/** /proc/PID/task/TID/syscall, proc(5): where a thread is blocked, known
 *  without stopping it. */
struct task_syscall {
	enum task_activity {
		TASK_RUNNING,	 /* on a CPU or about to be; nothing known */
		TASK_IN_SYSCALL, /* blocked in one: all fields are known */
		TASK_IN_FAULT,	 /* blocked elsewhere (page fault): sp, pc */
	} activity;
	int64_t number;
	uint64_t args[6];
	uint64_t sp, pc;
};

/** Parses the text of a syscall file. Pure. */
struct hs_error *task_syscall_parse(const char *text, size_t len,
				    const char *name,
				    struct task_syscall *ret) hs_must_check;

/** Reads it; needs the rights of ptrace(2)'s PTRACE_MODE_ATTACH_FSCREDS. */
struct hs_error *task_syscall_read(pid_t pid, pid_t tid,
				   struct task_syscall *ret) hs_must_check;

/** Microseconds for which the thread has waited for a CPU so far, without a
 *  wait that still goes on (/proc/PID/task/TID/schedstat, second number). 0
 *  when unknown: a kernel without CONFIG_SCHED_INFO, no such thread. */
int64_t task_waited_us(pid_t pid, pid_t tid);

/** How often the thread has got a CPU so far (the third number there). A wait
 *  leaves it as it is, unless it is woken for nothing. 0 when unknown. */
uint64_t task_turns(pid_t pid, pid_t tid);

#endif
