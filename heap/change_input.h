/**
 * @file change_input.h - what changes are estimated from.
 */
#ifndef HEAP_CHANGE_INPUT_H
#define HEAP_CHANGE_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "heap/profile.h"

/** What is known of some stacks; a stack is here what a report has a row of. */
struct heap_change_input {
	/* Of one process, in the order of time, n >= 2. Borrowed. */
	const struct heap_profile *const *profiles;
	size_t n;
	/* n of each stack. All stacks of the profiles should be there, since
	 * they share their classes. Borrowed. */
	const struct heap_counts *counts;
	size_t n_stacks;
	/* Of each stack: by how much the variance of what it ever allocated
	 * grew (heap_counts_change_error()). Borrowed; NULL: not known. */
	const double *since;
	/* The counts are live objects of the whole process: jemalloc's counters
	 * may be compared with them. */
	bool live;
};

/** The counts of @stack in the snapshots from @t on. */
static inline const struct heap_counts *
heap_change_point(const struct heap_change_input *in, size_t stack, size_t t)
{
	return &in->counts[stack * in->n + t];
}

#endif
