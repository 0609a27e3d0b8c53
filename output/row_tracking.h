/**
 * @file row_tracking.h - follows what the rows' stacks allocated in between.
 */
#ifndef OUTPUT_ROW_TRACKING_H
#define OUTPUT_ROW_TRACKING_H

#include <stdbool.h>

#include "output/rows.h"

/** Both profiles count allocations, from the same start on: prof.reset starts
 *  from 0. They must be known to be of one process: a fork has the same
 *  addresses. */
bool row_tracking_possible(const struct heap_profile *before,
			   const struct heap_profile *after);

/** Adds to row->since what a stack of it had allocated since the start, @after:
 *  at the end, else at the beginning. Nothing unless rows->tracked. */
void row_track(const struct rows *rows, struct row *row, bool after,
	       const struct heap_counts *allocated);

#endif
