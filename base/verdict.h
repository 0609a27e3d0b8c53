/**
 * @file verdict.h - what comes of a look at a thread: may it be used, and if
 * not, why not.
 *
 * A verdict is a value. Its texts are static, or live as long as the code_map.
 */
#ifndef BASE_VERDICT_H
#define BASE_VERDICT_H

#include <stdint.h>

#include "base/error.h"

enum verdict_is {
	VERDICT_USABLE,
	VERDICT_INSIDE,	 /* it is inside unsafe code, which it may have
			    left a moment later */
	VERDICT_NOT_NOW, /* of another reason that may pass */
	VERDICT_NEVER,	 /* what speaks against it stays; error tells more */
	VERDICT_UNTOUCHABLE, /* it must not be stopped, or is gone */
	VERDICT_FAILED,	     /* there is no telling: error */
};

struct verdict {
	enum verdict_is is;
	/* Not usable: it "is inside " (why) "jemalloc" (what, or ""). Of a
	 * failure what spoke against it before, or NULL. */
	const char *why, *what;
	uint64_t inside;	/* the word that says so; 0: none */
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

/** Of two steps, of which the second one is taken whatever came of the first:
 *  @err (taken; NULL: it went well) makes @v a failure, too. */
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
