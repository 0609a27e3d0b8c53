/**
 * @file profiling_off.h - why a jemalloc does not profile, and how to change
 * that.
 */
#ifndef MALLCTL_PROFILING_OFF_H
#define MALLCTL_PROFILING_OFF_H

#include "base/error.h"
#include "mallctl/session.h"

/**
 * *why is NULL when the jemalloc of @s profiles; else an error,
 * HS_ERROR_NO_PROFILE, whose hint says what to set (only a restart can change
 * it). @version: of jemalloc, may be NULL.
 */
struct hs_error *profiling_off_why(struct session *s, const char *version,
				   struct hs_error **why) hs_must_check;

/**
 * *why is an error, HS_ERROR_UNPROFILED, when the program has set a hook that
 * jemalloc calls at a dump; else NULL. The hook would run on our thread, with
 * jemalloc's dump lock held, on data that only the service understands.
 */
struct hs_error *profiling_off_dump_hook(struct session *s,
					 struct hs_error **why) hs_must_check;

#endif
