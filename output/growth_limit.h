/**
 * @file growth_limit.h - the limit of growth between two snapshots.
 */
#ifndef OUTPUT_GROWTH_LIMIT_H
#define OUTPUT_GROWTH_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "output/rows.h"

struct growth_limit {
	const char *text; /* as the user wrote it: "10M", "64K/s"; borrowed;
			     NULL: no limit */
	int64_t bytes;
	bool per_second;
};

/** Sets the other fields by @limit->text, if there is one. HS_ERROR_USAGE when
 *  it is no size. */
struct hs_error *growth_limit_parse(struct growth_limit *limit) hs_must_check;

/** HS_ERROR_GREW when the significant growth of @rows is above @limit;
 *  HS_ERROR_INPUT when the limit is per second and the time is not known. */
struct hs_error *growth_limit_check(const struct growth_limit *limit,
				    const struct rows *rows) hs_must_check;

#endif
