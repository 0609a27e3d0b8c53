/**
 * @file stats.h - one reading of a process's memory, without stacks.
 */
#ifndef HEAP_STATS_H
#define HEAP_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "heap/profile.h"

/** Regions of one size. */
struct heap_class {
	uint64_t size; /* bytes */
	int64_t regions;
	int64_t slabs;	  /* -1: large, every region stands alone */
	int64_t capacity; /* regions in a slab; 0 when large */
};

/** An arena; bytes but for threads, -1: not known. */
struct heap_arena {
	uint64_t index;
	int64_t threads, allocated, active, dirty, muzzy, retained;
};

struct heap_setting {
	const char *name, *value; /* as jemalloc's documentation has them */
};

struct heap_stats {
	struct heap_meta meta;	    /* without what there is of dumps */
	struct heap_class *classes; /* owned; ascending by size */
	size_t n_classes, classes_cap;
	struct heap_arena *arenas; /* owned; ascending by index */
	size_t n_arenas, arenas_cap;
	struct heap_setting *settings; /* owned */
	size_t n_settings, settings_cap;
	const char *no_stacks;	   /* why none can be had; NULL: they can */
	const char *profiling_off; /* what to do about that; NULL: nothing */
	int64_t read_us;       /* microseconds that reading the values took */
	struct intern strings; /* owns all strings above but the origin's */
};

void heap_stats_init(struct heap_stats *s);

void heap_stats_release(struct heap_stats *s);

/** Adds a setting; both texts are copied. */
struct hs_error *heap_stats_add_setting(struct heap_stats *s, const char *name,
					const char *value) hs_must_check;

/** What a size class has more than it had. */
struct heap_class_growth {
	struct heap_class now; /* no regions: it was there before alone */
	int64_t regions, bytes, slabs;
};

/** Each size class that is in @before (NULL: nothing was) or @after, largest
 *  growth in bytes first. *ret is the caller's, free(3). */
struct hs_error *heap_stats_growth(const struct heap_stats *before,
				   const struct heap_stats *after,
				   struct heap_class_growth **ret,
				   size_t *n_ret) hs_must_check;

#endif
