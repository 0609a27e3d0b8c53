/**
 * @file totals.h - compares what a dump's header says of all stacks with what
 * its stacks add up to: a dump that lost stacks reads well otherwise.
 *
 * Internal to heap/.
 */
#ifndef HEAP_FORMAT_TOTALS_H
#define HEAP_FORMAT_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/profile.h"

/** The rule. The numbers as they are written are equal when nothing is missing:
 *  in jemalloc before 5.3, gperftools, Go. From 5.3 on each line is prepared on
 *  its own (see read_v2.c) and only estimates compare: of a line with n objects
 *  written the estimate is off by what half an object more or less would
 *  change. Together these errors are less than three times the root of their
 *  squares, and 2% are left for what is not linear. */
struct heap_totals {
	bool known;		   /* there is a header */
	struct heap_counts header; /* as estimates */
	double bytes, sum_bytes;   /* as they are written: of the header, of the
				      stacks so far */
	double objects, sum_objects;
	double rounding; /* variance of the sum of the estimates, bytes^2 */
	bool prepared;	 /* the lines may be those of jemalloc 5.3 */
	/* The header counts less than the stacks may: gperftools' has no
	 * mappings (HEAP_PROFILE_MMAP). */
	bool may_exceed;
	/* The writer ends a dump at so many bytes, with the smallest stacks
	 * missing; 0: it does not. */
	uint64_t limit;
};

/** Adds a stack: as written, and what it was estimated to be. @period: bytes,
 *  of the sampling. */
void heap_totals_add(struct heap_totals *t, uint64_t objects, uint64_t bytes,
		     const struct heap_counts *estimate, uint64_t period);

/** Adds a remark to @p, which is complete, when they differ. @size: of the
 *  whole text, bytes. */
struct hs_error *heap_totals_compare(const struct heap_totals *t,
				     struct heap_profile *p,
				     uint64_t size) hs_must_check;

#endif
