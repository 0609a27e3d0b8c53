/**
 * @file row_ages.h - how old the sampled allocations of a row are, and what
 * they are.
 */
#ifndef OUTPUT_ROW_AGES_H
#define OUTPUT_ROW_AGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/samples.h"

/** Of a row. */
struct row_age {
	uint32_t row; /* row.number */
	/* Of all its stacks together. The median of several is that of their
	 * medians, by how many samples each has; of several types the one of
	 * most. The stack is the first. */
	struct heap_samples samples;
};

/** Zero-initialised: none is known. */
struct row_ages {
	struct row_age *items; /* owned; in the end ascending by row */
	size_t n, cap;
};

/** Row @row shows stack @stack of @p, among others. To be called with ascending
 *  stacks of one profile. */
struct hs_error *row_ages_add(struct row_ages *ages, uint32_t row,
			      const struct heap_profile *p,
			      uint32_t stack) hs_must_check;

/** Makes one of each row, after the last one was added. */
void row_ages_finish(struct row_ages *ages);

/** Those of row @row; NULL: not known. */
const struct heap_samples *row_ages_find(const struct row_ages *ages,
					 uint32_t row);

void row_ages_release(struct row_ages *ages);

#endif
