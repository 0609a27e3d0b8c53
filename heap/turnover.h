/**
 * @file turnover.h - how much of each stack came and went between snapshots.
 *
 * An object that is in two snapshots is sampled in both or in none, so only
 * what came or went makes an estimated change uncertain, each sampled event by
 * one. The steps between the snapshots of an interval scatter by it: their
 * variance, moderated by that of all other stacks, is the number of events a
 * step. (Smyth, "Linear models and empirical Bayes methods", 2004, section 6.2:
 * a prior and its degrees of freedom by the moments of the logarithms; the
 * method of limma's fitFDist.) It is never below the net change, each sample of
 * which is one event, and never above what is sampled in both ends.
 */
#ifndef HEAP_TURNOVER_H
#define HEAP_TURNOVER_H

#include <stddef.h>

#include "base/error.h"
#include "heap/change_input.h"

/** Of one stack, from the first snapshot to the last. */
struct heap_turnover {
	/* What one event changes the estimate by, bytes; 0: exact numbers. For
	 * one size z it is z (1 - p) / p, with the probability p that an object
	 * is sampled. */
	double unit;
	double net;    /* change, in events */
	double events; /* that came or went: the variance of net */
	double df;     /* degrees of freedom of that; INFINITY: a bound */
	double least, most;
};

/** Estimates the turnover of all stacks of @in: @ret[0..in->n_stacks). */
struct hs_error *heap_turnover_of(const struct heap_change_input *in,
				  struct heap_turnover *ret) hs_must_check;

#endif
