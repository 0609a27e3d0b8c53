/**
 * @file trend.h - fits a line through three and more snapshots, and classifies
 * the trend.
 *
 * The slope is that of a line through the points by weighted least squares. The
 * sampling variance of an estimate is in proportion to what is estimated, so
 * the weights are those of the line itself, fitted without weights first:
 * weights taken from the points would pull the line to those that are low by
 * chance. A value without samples is as uncertain as one sample. With exact
 * numbers all points weigh the same. The slope's error follows from the
 * weights; where the points scatter more than sampling explains, from the
 * scatter (the error is multiplied by the root of chi^2 over the degrees of
 * freedom, as Bevington and Robinson, "Data Reduction and Error Analysis",
 * 6.4). Objects that live in several snapshots make their errors correlated, so
 * the true error is rather smaller.
 *
 * Two points i < j differ for sure when they are apart by more than z standard
 * errors of their difference, z = sqrt(4 ln N + 1): for all pairs of N points
 * at once that is wrong in 5 of 100 cases at most (Tukey's range test; z is
 * within 0.1 of the range's quantile over sqrt(2) for 2 to 100 points). The
 * rise is the most by which a point is above an earlier one, the fall the most
 * by which it is below. The verdict is the first that applies:
 *
 *   flat       all points are the same
 *   noise      neither the rise nor the fall is sure, and the slope is within 3
 *              errors of 0
 *   cycles     both are sure, and neither is less than half of the other
 *   shrinking  the fall is larger than the rise, or if neither is sure, the
 *              slope is negative
 *   step       the rise is larger, and one step has at least 80 % of it; or
 *              half of the steps or less went up
 *   steady     the rise is larger, in more than half of the steps
 *
 * Of a stack whose change is estimated by heap/change.h, that estimate is the
 * slope where it is surer than the line, and a sure change is no noise, however
 * the levels scatter: they do not know that most objects are the same. The sum
 * of all stacks is judged by the sum of their changes, likewise. Among M stacks
 * z^2 is larger by 2 ln M, so that one of twenty reports is wrong at most (of a
 * normal variable, what is outside of z is in proportion to exp(-z^2 / 2)).
 */
#ifndef HEAP_TREND_H
#define HEAP_TREND_H

#include <stddef.h>

#include "base/error.h"
#include "heap/change.h"
#include "heap/profile.h"

enum heap_verdict {
	HEAP_FLAT,
	HEAP_NOISE,
	HEAP_CYCLES,
	HEAP_SHRINKING,
	HEAP_STEP,
	HEAP_STEADY,
};

struct heap_trend {
	double slope; /* bytes per unit of time */
	double error; /* its standard error */
	size_t steps; /* one less than there are points */
	size_t grew;  /* steps that went up */
	enum heap_verdict verdict;
};

/** Computes the trend of @counts[0..n), n >= 2, at @times[0..n), which
 *  ascend. */
struct heap_trend heap_trend_of(const double *times,
				const struct heap_counts *counts, size_t n);

/** The same of one of @n_stacks stacks, whose @change is estimated. */
struct heap_trend heap_trend_of_stack(const double *times,
				      const struct heap_counts *counts,
				      size_t n,
				      const struct heap_change *change,
				      size_t n_stacks);

/** "steady leak", "step", "cycles", "shrinking", "noise", "flat". */
const char *heap_verdict_name(enum heap_verdict verdict);

#endif
