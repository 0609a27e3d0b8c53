/**
 * @file environment.h - /proc/PID/environ: the environment that a process was
 * started with.
 *
 * The kernel shows the memory in which the variables were put at the start.
 * setenv(3) does not change it, but a program that shows its state in ps(1)
 * overwrites it, as setproctitle(3) does.
 */
#ifndef PROC_ENVIRONMENT_H
#define PROC_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct environment {
	char *text; /* owned; variables, each with its NUL */
	size_t len;
	bool intact; /* it has not been overwritten */
};

/** Reads that of process @pid. environment_release(). */
struct hs_error *environment_read(pid_t pid,
				  struct environment *ret) hs_must_check;

void environment_release(struct environment *e);

/** The value of variable @name; NULL when there is none. */
const char *environment_get(const struct environment *e, const char *name);

/** @text[0..len) may be the environment that a process was started with;
 *  @before is the byte before it, the end of the last argument. Pure. */
bool environment_is_intact(const char *text, size_t len, char before);

#endif
