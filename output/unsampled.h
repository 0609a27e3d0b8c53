/**
 * @file unsampled.h - the row of what jemalloc's counters say changed, and no
 * sampled stack did.
 */
#ifndef OUTPUT_UNSAMPLED_H
#define OUTPUT_UNSAMPLED_H

#include <stddef.h>

#include "base/error.h"
#include "heap/change.h"
#include "output/row_builder.h"

/** Adds that row to those of @b, if @changes has such a rest: *ret; else NULL. */
struct hs_error *unsampled_row(struct row_builder *b,
			       const struct heap_changes *changes,
			       struct row **ret) hs_must_check;

/** @points[0..n): what the row has in each of @profiles[0..n), from the least
 *  on, in bytes. @counts: of the other rows, so many as @rows, one of each
 *  profile, by row. */
void unsampled_points(const struct heap_profile *const *profiles,
		      const struct heap_counts *counts, size_t n, size_t rows,
		      struct heap_counts *points);

#endif
