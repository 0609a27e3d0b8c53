/**
 * @file calibrate.h - moves estimated changes to what jemalloc's exact counters
 * allow.
 *
 * The changes d of the stacks of a size class are estimates with variances v;
 * what they add up to is known, up to the slack of thread caches. The best
 * estimates that add up to it are moved in proportion to their variances, by
 *
 *	v / (sum v + w) * (exact - sum d),	w: variance of what else there
 *is
 *
 * and have the variances v - v^2 / (sum v + w), that is 1 / v' = 1 / v + 1 / u
 * where u is the rest of the denominator without v. (Least squares under a
 * condition; Deming, "Statistical Adjustment of Data", 1943.) w has the slack,
 * which so bounds what can be gained (as a third of its square: within a bound
 * all is of equal chance; JCGM 100, "Guide to the expression of uncertainty in
 * measurement", 2008, 4.3.7), and what no sampled stack or one of
 * several sizes may have changed: the former is as much as is sampled in
 * singletons, and one event more (Good, "The population frequencies of
 * species", Biometrika 40, 1953), the latter no more than its samples stand
 * for, each for a period and the size of the class at most (what an object of
 * size z counts for, z / p, is below period + z). Small objects that are
 *sampled are not in their class's counter (heap/sampling_cost.h); how many they
 *are is known.
 */
#ifndef HEAP_CALIBRATE_H
#define HEAP_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "heap/change_input.h"
#include "heap/turnover.h"

/** A stack's estimate, which is moved. */
struct heap_calibrated {
	double bytes;	 /* of the change */
	double variance; /* of it, bytes^2 */
	double most;	 /* farthest move, bytes */
	double bound;	 /* the variance without steps and counters, bytes^2 */
	double size;	 /* of its objects; 0: several, or not known */
	bool still;	 /* the same in all snapshots: it is not moved */
	double gain;	 /* what the counters add to 1 / variance */
	bool doubted;	 /* they contradict it: its steps say nothing */
};

/** What is left of a variance (bytes^2) of @c after that. */
static inline double heap_calibrated_variance(const struct heap_calibrated *c,
					      double variance)
{
	return variance / (1 + variance * c->gain);
}

/** What the counters say changed, and no sampled stack did. */
struct heap_rest {
	double bytes; /* 0: no more than chance leaves */
	double error; /* half of the 95.4 % interval, bytes */
	double p;     /* the chance of it where all is in sampled stacks */
};

/** The smallest change of exact counters, in bytes, that is more than a
 *  coincidence: a slab or a cached block more. */
#define HEAP_COUNTERS_COINCIDENCE 65536.0

/** Moves @list[0..in->n_stacks), of which @turnovers come and go; *rest: what
 * is left of the exact change. */
struct hs_error *heap_calibrate(const struct heap_change_input *in,
				const struct heap_turnover *turnovers,
				struct heap_calibrated *list,
				struct heap_rest *rest) hs_must_check;

/** What jemalloc counts as live, without what sampling adds to it, bytes; @meta
 *  has allocated and tcache. */
double heap_live_bytes(const struct heap_meta *meta);

/** The variance, bytes^2, of what sampling adds to the counters of both ends,
 *  which are read after the dump: what is sampled changes in between, by chance
 *  as the events of @turnovers[0..in->n_stacks) in a twentieth of a step, the
 *  most that a dump takes (snap/series.h). */
double heap_sampling_skew(const struct heap_change_input *in,
			  const struct heap_turnover *turnovers);

/** Counters of the first and the last snapshot may be compared: they are of
 *  one process that had profiling on. */
bool heap_counters_comparable(const struct heap_change_input *in);

/** The most that thread caches can hide of a change, bytes; -1: not known. */
double heap_cache_slack(const struct heap_change_input *in);

#endif
