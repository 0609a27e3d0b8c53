/**
 * @file counts.h - what is counted: estimated objects, and jemalloc's regions.
 */
#ifndef HEAP_COUNTS_H
#define HEAP_COUNTS_H

#include <stdint.h>

/** An estimate of live objects. With sample period 1 it is exact. */
struct heap_counts {
	double objects;
	double bytes;	       /* usable size */
	double bytes_variance; /* of the estimate, bytes^2: the standard error
				  squared. Additive over independent lines. */
	uint64_t samples;      /* objects that were actually sampled */
};

/** jemalloc's exact count of the regions of a size class, all arenas together:
 *  curregs of a bin, curlextents of a large class. What thread caches hold is
 *  counted as well. A small allocation that is sampled has a page run of its
 * own and counts as a region of the smallest large class (16 KiB) instead of
 * its own (arena_prof_promote()). */
struct heap_class_count {
	uint64_t size; /* bytes */
	int64_t regions;
};

#endif
