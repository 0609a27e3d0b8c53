/**
 * @file profiling_off.h - why a jemalloc does not profile, and what to do about
 * it.
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
struct hs_error *advice_profiling(struct session *s, const char *version,
				  struct hs_error **why) hs_must_check;

/** The same of process @id, in a session of its own. */
struct hs_error *advice_ask(const struct identity *id,
			    const struct session_options *options,
			    const struct deadline *d,
			    struct hs_error **why) hs_must_check;

#endif
