/**
 * @file growth_limit.h - the limit of growth between two snapshots.
 */
#ifndef OUTPUT_GROWTH_LIMIT_H
#define OUTPUT_GROWTH_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "output/rows.h"

/** What is judged. */
enum growth_on {
	GROWTH_HEAP, /* the stacks, their sum, and jemalloc's own counter */
	GROWTH_RSS,  /* resident memory, jemalloc's or not */
};

struct growth_limit {
	const char *text; /* as the user wrote it: "10M", "64K/s"; borrowed;
			     NULL: no limit */
	enum growth_on on;
	int64_t bytes;
	bool per_second;
};

/** Sets the other fields by @limit->text, if there is one. HS_ERROR_USAGE when
 *  it is no size. */
struct hs_error *growth_limit_parse(struct growth_limit *limit) hs_must_check;

/**
 * HS_ERROR_GREW when more than @limit grew for sure, wrong in one of 1,000
 * cases where nothing grew: by the stacks that grew beyond noise, together, if
 * one of them did so surely; by all stacks, whose sum may be sure where none of
 * them is; or by what jemalloc counts as allocated, less what sampling does to
 * it, where that is worth a word (heap/memory_breakdown.h) and twice what its
 * counter may be off by. The last one does not apply to a part of the heap, as
 * --focus and the like leave, nor to what was allocated since the start.
 *
 * HS_ERROR_INPUT when the limit is per second and the time is not known, or
 * resident memory is to be judged and is not.
 *
 * @rows: by stacks, so that the answer is the same whatever a report shows.
 * @whole: of the heap, not of some threads.
 */
struct hs_error *growth_limit_check(const struct growth_limit *limit,
				    const struct rows *rows,
				    bool whole) hs_must_check;

#endif
