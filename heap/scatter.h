/**
 * @file scatter.h - how much the steps between snapshots scatter.
 */
#ifndef HEAP_SCATTER_H
#define HEAP_SCATTER_H

#include <stddef.h>

struct heap_scatter {
	double variance; /* of a step */
	double df;	 /* degrees of freedom of that; 0: not known */
};

/** The least that a variance is taken for where it decides about a burst. */
struct heap_scatter_floor {
	double least, of_mean; /* that, and so much of the mean step */
};

/** Of @steps[0..n), changes from one snapshot to the next. What comes in one
 *  step alone, a burst, is no scatter: a step that is so far off the others that
 *  chance has it there in less than one of a thousand stacks is left out, by at
 *  least 6 deviations, by more where few others tell what a deviation is. */
struct heap_scatter heap_scatter_of(const double *steps, size_t n,
				    struct heap_scatter_floor floor);

#endif
