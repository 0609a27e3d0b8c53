/**
 * @file series.h - takes several snapshots, one after the other.
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
	int64_t interval_us; /* from start to start */
	/** Takes one snapshot; *ret is initialised; on success the series owns
	 *  it. */
	struct hs_error *(*take)(void *arg, struct heap_profile *ret);
	/** Waits @us microseconds (0: already late) after the last snapshot of
	 *  @s. Sets *enough, which is false before, when no more are wanted. */
	struct hs_error *(*wait)(void *arg, int64_t us, const struct series *s,
				 bool *enough);
	void *arg; /* for both; borrowed */
};

/** Takes all snapshots. *s is empty before; call series_release() in any
 *  case. */
struct hs_error *series_take(struct series *s,
			     const struct series_plan *plan) hs_must_check;

void series_release(struct series *s);

/** The snapshot that was taken last. */
const struct heap_profile *series_last(const struct series *s);

#endif
