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

/** Adds that row to those of @b, if @changes has such a rest: *ret; else NULL.
 *  @counts: of the rows so far, one of each of @profiles[0..n), by row.
 *  @points[0..n): what the row has in each, from the least on, in bytes. */
struct hs_error *unsampled_row(struct row_builder *b,
			       const struct heap_profile *const *profiles,
			       const struct heap_counts *counts, size_t n,
			       const struct heap_changes *changes,
			       struct heap_counts *points,
			       struct row **ret) hs_must_check;

#endif
