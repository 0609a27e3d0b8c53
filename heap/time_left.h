/**
 * @file time_left.h - when a process reaches a limit, at the rate at which it
 * grows.
 *
 * The rate is that of exact counters, never of samples: what is live by
 * jemalloc's count (allocated, less what thread caches hold), and how much of
 * the limit is used, which other processes of a group, the kernel and memory of
 * other kinds have a part in. Both are straight lines through all snapshots.
 * The error of a slope is half of its 95.4% interval, by the scatter around the
 * line (Student's t).
 *
 * Nothing is said unless live allocations grow for sure: by more than two
 * errors, and in more than half of
 * the steps, none of which has most of it. Then the rate is that at which the
 * limit is used up, if that is sure as well; while allocations take pages that
 * jemalloc had freed and kept, usage grows later: then the rate is that of the
 * allocations, and those pages count as left. Address space grows in leaps, so
 * its rate is always that of the allocations, and what jemalloc holds in
 * reserve is left.
 */
#ifndef HEAP_TIME_LEFT_H
#define HEAP_TIME_LEFT_H

#include <stddef.h>

#include "heap/profile.h"

struct heap_time_left {
	enum heap_limit_kind kind; /* HEAP_LIMITS: nothing can be said */
	int64_t bytes;		   /* of the limit */
	double rate, rate_error;   /* bytes a second */
	double seconds, error;	   /* left after the last snapshot */
	bool failed; /* no memory to find out; kind: HEAP_LIMITS */
};

/** The limit that is reached first. @profiles[0..n): in the order of time. */
struct heap_time_left heap_time_left(const struct heap_profile *const *profiles,
				     size_t n);

/** Its name for programs: "memory.max". */
const char *heap_limit_name(enum heap_limit_kind kind);

/** The most by which jemalloc's own count of live bytes shrank from one of
 *  @profiles[0..n), in the order of time, to the next; 0: it never did, or is
 * not known. */
int64_t heap_live_fell(const struct heap_profile *const *profiles, size_t n);

#endif
