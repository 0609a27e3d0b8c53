/**
 * @file profiling_off.h - why there are no profiles of a jemalloc, and what to
 * do about it.
 */
#ifndef MALLCTL_PROFILING_OFF_H
#define MALLCTL_PROFILING_OFF_H

#include "base/deadline.h"
#include "base/error.h"
#include "mallctl/session.h"
#include "proc/identity.h"

/**
 * *why is an error, HS_ERROR_NO_PROFILE with what to set as its hint, when the
 * jemalloc of @s does not profile, which only its start can change; else NULL.
 * @version: of jemalloc, may be NULL.
 */
struct hs_error *profiling_off_why(struct session *s, const char *version,
				   struct hs_error **why) hs_must_check;

/**
 * *why is an error, HS_ERROR_UNPROFILED, when the program has given jemalloc a
 * hook to call at a dump; else NULL. It would run on our thread, with
 * jemalloc's dump lock held, on data that only the service understands.
 */
struct hs_error *profiling_off_dump_hook(struct session *s,
					 struct hs_error **why) hs_must_check;

/** As profiling_off_why(), of process @id, in a session of its own. */
struct hs_error *profiling_off_ask(const struct identity *id,
				   const struct session_options *options,
				   const struct deadline *d,
				   struct hs_error **why) hs_must_check;

#endif
