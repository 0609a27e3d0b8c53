/**
 * @file series.h - snapshots one after the other.
 */
#ifndef SNAP_SERIES_H
#define SNAP_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/profile.h"

/** Zero-initialised is an empty one. */
struct series {
	struct heap_profile *profiles; /* owned; in the order of time */
	size_t n, cap;
};

struct series_plan {
	uint64_t count;	     /* snapshots; at least 1 */
	int64_t interval_us; /* from the start of one to that of the next */
	/** Takes one; *ret is initialised, and the series' on success. */
	struct hs_error *(*take)(void *arg, struct heap_profile *ret);
	/** Waits @us microseconds (0: it is late) after the last one of @s.
	 *  *enough, false before: there will be no more. */
	struct hs_error *(*wait)(void *arg, int64_t us, const struct series *s,
				 bool *enough);
	void *arg; /* of both; borrowed */
};

/** Takes them all. *s is empty; series_release() in any case. */
struct hs_error *series_take(struct series *s,
			     const struct series_plan *plan) hs_must_check;

void series_release(struct series *s);

/** The last one that was taken. */
const struct heap_profile *series_last(const struct series *s);

#endif
