/**
 * @file proc_path.h - makes the paths of files below /proc.
 */
#ifndef PROC_PROC_PATH_H
#define PROC_PROC_PATH_H

#include <sys/types.h>

#include "base/error.h"

struct proc_path {
	char text[96];
};

/** "/proc/@pid/" and the text of @fmt, which must be short: no names from
 *  outside. */
struct proc_path proc_path(pid_t pid, const char *fmt, ...) hs_printf(2, 3);

/** "/proc/@pid/task/@tid/@name" */
struct proc_path proc_task_path(pid_t pid, pid_t tid, const char *name);

#endif
