/**
 * @file children.h - lists of processes: all, or those that one started.
 */
#ifndef PROC_CHILDREN_H
#define PROC_CHILDREN_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct pid_list {
	pid_t *pids; /* owned */
	size_t n, cap;
};

/** Appends all processes in /proc, in its order. Call pid_list_release() in any
 *  case. */
struct hs_error *pid_list_read_all(struct pid_list *list) hs_must_check;

/** Appends the living descendants of @pid, by /proc/PID/task/TID/children,
 *  proc(5). A process that ends meanwhile has none. Call pid_list_release() in
 *  any case. */
struct hs_error *children_read(pid_t pid, struct pid_list *list) hs_must_check;

void pid_list_release(struct pid_list *list);

#endif
