/**
 * @file hook.h - runs the command of --exec.
 */
#ifndef LAUNCH_HOOK_H
#define LAUNCH_HOOK_H

#include <sys/types.h>

#include "base/error.h"

/**
 * Runs @command by sh(1) and waits for its end. @file, a snapshot of process
 * @pid, is $1 and $HEAPSNAP_FILE there, the process $HEAPSNAP_PID: names of the
 * target are data, never part of what the shell reads. What it prints goes to
 * standard error: standard output is the report's. HS_ERROR_SYSTEM when it
 * cannot be run, or its status is not 0.
 */
struct hs_error *hook_run(const char *command, const char *file,
			  pid_t pid) hs_must_check;

#endif
