/**
 * @file environment.h - the environment that has a program and all that it
 * starts profile themselves until they end.
 */
#ifndef LAUNCH_ENVIRONMENT_H
#define LAUNCH_ENVIRONMENT_H

#include <stdbool.h>

#include "base/error.h"

/** What to add. Strings are borrowed. */
struct launch_settings {
	const char *folder;   /* where the dumps go; without a comma */
	const char *preload;  /* path of the jemalloc to bring in; NULL: none */
	const char *variable; /* of the program's own jemalloc, beside the
				 usual ones; NULL: none */
	int lg_sample;	      /* log2 of the bytes between samples; -1: all
				 allocations, unless the user's variable says
				 otherwise */
	bool accumulate;      /* count what was freed, too */
};

/** What the names of dumps begin with: the variable by which the jemalloc that
 *  writes them is configured. Behind it is ".PID.SEQ.f.heap". */
#define LAUNCH_CONF "MALLOC_CONF"

/**
 * Makes the environment: @environment (ends with NULL) with LD_PRELOAD and the
 * variables of jemallocs with the usual prefixes, "", "je_" and "_rjem_".
 * jemalloc takes the last of contradicting settings (malloc_conf_init()), so
 * the user's own stay in force, but for where dumps go and that there are some.
 * *ret: launch_environment_free().
 */
struct hs_error *launch_environment(char *const *environment,
				    const struct launch_settings *settings,
				    char ***ret) hs_must_check;

/** NULL is fine. */
void launch_environment_free(char **environment);

#endif
