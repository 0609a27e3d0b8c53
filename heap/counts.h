/**
 * @file counts.h - how much of something there is on the heap.
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

#endif
