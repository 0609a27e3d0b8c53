/**
 * @file remarks.h - what has to be said of a file beside its numbers: that it
 * lost stacks, or that lines of it were passed over.
 */
#ifndef HEAP_REMARKS_H
#define HEAP_REMARKS_H

#include "base/error.h"
#include "base/monitor.h"
#include "heap/profile.h"

struct heap_remark {
	const char *text; /* "FILE: what" or "FILE:LINE: what", no full stop */
	const char *hint; /* what can be done about it; NULL: nothing known */
			  /* Both are the profile's own strings. */
};

/** Adds a remark on @p. @hint, copied, may be NULL. */
struct hs_error *heap_remark_add(struct heap_profile *p, const char *hint,
				 const char *fmt, ...)
	hs_printf(3, 4) hs_must_check;

/** Adds the remarks on @from to those on @p. */
struct hs_error *
heap_remarks_copy(struct heap_profile *p,
		  const struct heap_profile *from) hs_must_check;

/** Shows those on @p as warnings. */
void heap_remarks_warn(const struct heap_profile *p, const struct monitor *m);

#endif
