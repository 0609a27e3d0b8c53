/**
 * @file environment.h - /proc/PID/environ: what a process was started with.
 *
 * The kernel shows the memory that the variables were put in at the start;
 * setenv(3) does not change it, but a program that shows its state to ps(1)
 * writes over it, as setproctitle(3) does.
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
	bool intact; /* nothing has been written over it */
};

/** Reads that of process @pid. environment_release(). */
struct hs_error *environment_read(pid_t pid,
				  struct environment *ret) hs_must_check;

void environment_release(struct environment *e);

/** The value of variable @name; NULL when there is none. */
const char *environment_get(const struct environment *e, const char *name);

/** @text[0..len) of the environment can be what a process was started with;
 *  @before is the byte in front of it, the end of the last argument. Pure. */
bool environment_is_intact(const char *text, size_t len, char before);

#endif
