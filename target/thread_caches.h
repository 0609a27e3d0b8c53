/**
 * @file thread_caches.h - finds what threads of a process have freed and keep
 * in their caches, which jemalloc counts as in use.
 *
 * A thread's cache is an array of bins, one a size class, in its thread-local
 * memory: beside its stack, or in a mapping that ld.so made. Nothing names it,
 * so it is found by what it is: the stacks of its bins lie one behind the other
 * in one piece of memory, and each bin says where its own begins or ends.
 */
#ifndef TARGET_THREAD_CACHES_H
#define TARGET_THREAD_CACHES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "target/heap_regions.h"

struct thread_caches {
	size_t found;	  /* arrays */
	uint64_t regions; /* that they hold */
	/* Of what they hold, pointers to no region in use: the thread ran on
	 * meanwhile, or the array is what an ended thread has left. */
	uint64_t stale;
	/* Owned: an address in each region in use that holds the stacks of an
	 * array. What is there points to regions that the thread has had. */
	uint64_t *stacks;
	size_t n_stacks, cap;
};

/** Looks for caches in @where, memory that the process may write, but for what
 *  is in @regions, which @tree led to, and takes out of these what caches
 *  hold. One made by mallctl("tcache.create") is not found in 5.3.0 and before:
 *  it is such a region itself. thread_caches_release() in any case. */
struct hs_error *thread_caches_take(const struct heap_tree *tree,
				    const struct heap_ranges *where,
				    struct heap_regions *regions,
				    struct thread_caches *ret) hs_must_check;

void thread_caches_release(struct thread_caches *caches);

#endif
