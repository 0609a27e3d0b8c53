/**
 * @file stats.h - one reading of a process's memory statistics, without stacks.
 */
#ifndef HEAP_STATS_H
#define HEAP_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/intern.h"
#include "heap/profile.h"

/** Regions of one size. */
struct heap_class {
	uint64_t size; /* bytes */
	int64_t regions;
	int64_t bytes;	  /* of the regions; may be less than so many sizes
			     (heap/large_sizes.h) */
	int64_t slabs;	  /* -1: large, no slabs */
	int64_t capacity; /* regions in a slab; 0 when large */
};

/** An arena; bytes but for threads, -1: not known. */
struct heap_arena {
	uint64_t index;
	int64_t threads, allocated, active, dirty, muzzy, retained;
};

struct heap_setting {
	const char *name, *value; /* as in jemalloc's documentation */
};

struct heap_stats {
	struct heap_meta meta;	    /* without the fields of dumps */
	struct heap_class *classes; /* owned; ascending by size */
	size_t n_classes, classes_cap;
	struct heap_arena *arenas; /* owned; ascending by index */
	size_t n_arenas, arenas_cap;
	struct heap_setting *settings; /* owned */
	size_t n_settings, settings_cap;
	const char *no_stacks;	   /* why there are none; NULL: available */
	const char *profiling_off; /* what to do about that; NULL: none */
	int64_t read_us;	   /* microseconds for reading the values */
	struct intern strings;	   /* owns all strings above but meta's */
};

void heap_stats_init(struct heap_stats *s);

void heap_stats_release(struct heap_stats *s);

/** Adds a setting; copies both strings. */
struct hs_error *heap_stats_add_setting(struct heap_stats *s, const char *name,
					const char *value) hs_must_check;

/** The growth of a size class. */
struct heap_class_growth {
	struct heap_class now; /* no regions: only @before had it */
	int64_t regions, bytes, slabs;
};

/** Each size class that is in @before (NULL: nothing was) or @after, largest
 *  growth in bytes first. *ret is the caller's, free(3). */
struct hs_error *heap_stats_growth(const struct heap_stats *before,
				   const struct heap_stats *after,
				   struct heap_class_growth **ret,
				   size_t *n_ret) hs_must_check;

#endif
