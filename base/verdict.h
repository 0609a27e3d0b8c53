/**
 * @file verdict.h - the judgement of a thread: may it be used, and if not, why.
 *
 * A verdict is a value. Its texts are static, or live as long as the code_map.
 */
#ifndef BASE_VERDICT_H
#define BASE_VERDICT_H

#include <stdint.h>

#include "base/error.h"

enum verdict_is {
	VERDICT_USABLE,
	VERDICT_INSIDE,	     /* it is inside unsafe code, which it may have
				left a moment later */
	VERDICT_NOT_NOW,     /* for another reason that may pass */
	VERDICT_NEVER,	     /* the reason is permanent; error says more */
	VERDICT_UNTOUCHABLE, /* it must not be stopped, or is gone */
	VERDICT_FAILED,	     /* it is not known: error */
};

struct verdict {
	enum verdict_is is;
	/* Not usable: it "is inside " (why) "jemalloc" (what, or ""). For a
	 * failure the earlier reason against it, or NULL. */
	const char *why, *what;
	uint64_t inside;	/* the address that shows it; 0: none */
	struct hs_error *error; /* owned; NEVER and FAILED only */
};

static inline struct verdict verdict_usable(void)
{
	return (struct verdict){ .is = VERDICT_USABLE, .what = "" };
}

static inline struct verdict verdict_not_now(const char *why, const char *what)
{
	return (struct verdict){ .is = VERDICT_NOT_NOW,
				 .why = why,
				 .what = what };
}

/** @err is taken. */
static inline struct verdict verdict_failed(struct hs_error *err)
{
	return (struct verdict){ .is = VERDICT_FAILED,
				 .what = "",
				 .error = err };
}

/** Joins the results of two steps, of which the second runs whatever the first
 *  returned: @err of the second (taken; NULL: success) makes @v a failure. */
static inline struct verdict verdict_join(struct verdict v,
					  struct hs_error *err)
{
	if (!err)
		return v;
	v.is = VERDICT_FAILED;
	v.error = hs_error_join(v.error, err);
	return v;
}

#endif
