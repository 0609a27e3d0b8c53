/**
 * @file thread_cache_layout.h - how the versions of jemalloc lay out a bin of a
 * thread's cache. From include/jemalloc/internal/cache_bin.h of 5.1.0, 5.2.1,
 * 5.3.0, 5.3.1 and the development version of 2026.
 */
#ifndef TARGET_THREAD_CACHE_LAYOUT_H
#define TARGET_THREAD_CACHE_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

enum { CACHE_BIN_WORDS = 3 }; /* of 8 bytes, in all versions */

/** A bin: the pointers that it holds, of a stack between two addresses. */
struct cache_bin {
	uint64_t first, end; /* addresses of the pointers it holds */
	uint64_t low, high;  /* the stack; low is 0: not known */
};

/** Decodes @words[0..CACHE_BIN_WORDS); false: it is no bin. */
typedef bool cache_bin_fn(const uint64_t *words, struct cache_bin *ret);

/** 5.3 and later: the stack grows down; of its ends the lower 16 bits are
 *  kept. */
cache_bin_fn cache_bin_5_3;

/** 5.1 and 5.2: a count, and the upper end. */
cache_bin_fn cache_bin_5_1;

/** Whether the stack of @b directly follows that of @a. */
bool cache_bin_follows(const struct cache_bin *a, const struct cache_bin *b);

#endif
