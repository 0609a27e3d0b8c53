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

/** How a series goes on after a wait. */
enum series_next {
	SERIES_ON,
	SERIES_LAST,   /* with one more snapshot, taken now */
	SERIES_ENOUGH, /* with none */
};

/** What the next wait is for. */
struct series_wait {
	int64_t us;	  /* to wait; 0: already late */
	int64_t until_us; /* until the last snapshot; >= us */
};

struct series_plan {
	uint64_t count; /* snapshots; at least 1; of a spread at most */
	/* From start to start; of a spread from the first to the last. */
	int64_t interval_us;
	bool spread; /* over the interval, as many as series_steps() says */
	/** Takes one snapshot; @last: no other follows. *ret is initialised; on
	 *  success the series owns it. *cost_us, 0 before: how long it kept the
	 *  process's jemalloc busy. */
	struct hs_error *(*take)(void *arg, bool last, struct heap_profile *ret,
				 int64_t *cost_us);
	/** Waits after the last snapshot of @s. *next is SERIES_ON before. */
	struct hs_error *(*wait)(void *arg, const struct series_wait *wait,
				 const struct series *s,
				 enum series_next *next);
	void *arg; /* for both; borrowed */
};

/** Takes all snapshots. *s is empty before; call series_release() in any
 *  case. */
struct hs_error *series_take(struct series *s,
			     const struct series_plan *plan) hs_must_check;

/** Into how many steps, 1 to @most, an interval is cut when a snapshot costs
 *  @cost_us: none is shorter than twenty times that, nor than 100 ms. */
uint64_t series_steps(int64_t interval_us, int64_t cost_us, uint64_t most);

void series_release(struct series *s);

/** The snapshot that was taken last. */
const struct heap_profile *series_last(const struct series *s);

#endif
