/**
 * @file unsampled.h - the row of what jemalloc's counters say changed, and no
 * sampled stack did.
 */
#ifndef OUTPUT_UNSAMPLED_H
#define OUTPUT_UNSAMPLED_H

#include <stdbool.h>

#include "heap/change.h"

/** Whether there is something for that row (row_builder_estimate()). */
bool unsampled_is_any(const struct heap_changes *changes);

/** @points[0..in->n): what the row has in each snapshot, from the least on, in
 *  bytes. @in: what the other rows have. */
void unsampled_points(const struct heap_change_input *in,
		      struct heap_counts *points);

#endif
