/**
 * @file sampling_cost.h - what sampling itself adds to jemalloc's numbers.
 *
 * A sampled object that would fit a slab gets pages of its own, so that it can
 * be found again when it is freed. Up to 5.3.0 these are 16 KiB, which
 * stats.allocated counts instead of the object (src/jemalloc.c,
 * imalloc_sample(); src/arena.c, arena_large_malloc_stats_update()), and a page
 * in front (opt.cache_oblivious). From 5.3.1 on it is one page and one in
 * front, and stats.allocated does not count the object at all. Its extent's
 * record and its share of the backtraces are jemalloc's own data.
 *
 * With lg_prof_sample:0 that is many times the objects; with the usual period
 * it is 16 KiB for each 512 KiB, and no more than the profile's own error.
 */
#ifndef HEAP_SAMPLING_COST_H
#define HEAP_SAMPLING_COST_H

#include <stdint.h>

#include "heap/profile.h"

/** Counts the small objects that were sampled in @p, which has stacks, to the
 *  fields sampled_small and sampled_small_bytes of @meta (which may be
 *  @p's). */
void heap_sampling_count(const struct heap_profile *p, struct heap_meta *meta);

/** Bytes that sampling adds to a number; negative: that it takes away. */
struct heap_sampling_cost {
	int64_t allocated; /* stats.allocated */
	int64_t slack;	   /* stats.active less stats.allocated */
	int64_t metadata;  /* stats.metadata, at most */
	int64_t resident;  /* all of it that is in memory, at most */
};

/** All 0 where the samples were not counted. */
struct heap_sampling_cost heap_sampling_cost(const struct heap_meta *meta);

/** What the same adds to the counter of the class of objects of @size, of which
 *  @samples are sampled; bytes, 0 where the samples were not counted. */
double heap_sampling_class_cost(const struct heap_meta *meta, uint64_t size,
				double samples);

#endif
