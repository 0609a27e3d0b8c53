/**
 * @file pattern.h - an extended regular expression (regex(7)) that a user gave.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <regex.h>
#include <stdbool.h>

#include "base/error.h"

/** Zero-initialised: none was given. */
struct pattern {
	const char *text; /* borrowed; NULL: not given */
	regex_t compiled; /* owned, if done */
	bool done;
};

/** Compiles @p->text, if it was given. HS_ERROR_USAGE, which calls it the value
 *  of the option @name, when it is no regular expression. */
struct hs_error *pattern_compile(struct pattern *p,
				 const char *name) hs_must_check;

/** NULL when none was given. */
const regex_t *pattern_regex(const struct pattern *p);

void pattern_release(struct pattern *p);

#endif
