/**
 * @file heap_regions.h - the regions of a process's heap that are in use, by
 * jemalloc's own records: exactly, and without a call in the process.
 *
 * jemalloc keeps no free list through its regions; each slab's record has a
 * bitmap instead (src/arena.c, arena_slab_reg_alloc()). What threads hold in
 * their caches counts as in use there: target/thread_caches.h takes it away.
 */
#ifndef TARGET_HEAP_REGIONS_H
#define TARGET_HEAP_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "target/heap_tree.h"

enum {
	/* Size classes: SC_NSIZES is 232 with addresses of 48 bits, and 268
	 * with 57, which the 8 bits of a record do not hold. */
	HEAP_CLASSES = 232,
	HEAP_LARGE = 36, /* the first class that no slab has: 16 KiB */
};

/** Bytes of a region of size class @szind, with pages of 4 KiB and the smallest
 *  distance of 16 bytes that is x86-64's; 0: there is none. */
uint64_t heap_class_size(unsigned szind);

/** A slab, or a large allocation, which is one region. */
struct heap_slab {
	uint64_t address; /* of the first region */
	/* Bytes of each: of its size class; or fewer, whole pages, of a large
	 * allocation of 5.3.1 and later. */
	uint64_t size;
	uint16_t szind;
	uint16_t n; /* regions */
	/* A bit each, least significant first: it is free, or in a thread's
	 * cache. */
	uint64_t free[HEAP_BITMAP_WORDS];
};

/** Of a size class. */
struct heap_class_use {
	uint64_t live;	 /* regions in use */
	uint64_t cached; /* freed, and kept by a thread */
	uint64_t live_bytes, cached_bytes;
};

struct heap_regions {
	struct heap_slab *slabs; /* owned; ascending, not overlapping */
	size_t n, cap;
	/* Where all extents are, also free ones: what is not in them was not
	 * allocated from jemalloc, or is its own. */
	struct heap_ranges extents;
	size_t unclear; /* left out: they changed while they were read */
	struct heap_class_use classes[HEAP_CLASSES];
};

/**
 * Reads all that is in use in the memory @heap. *whole is false when there is
 * more than @max slabs and large allocations, or more records than
 * HEAP_WALK_READS; what was read is right then. HS_ERROR_NOT_FOUND: one in
 * twenty contradicts its own record, so that this jemalloc is laid out in
 * another way. heap_regions_release() in any case.
 */
struct hs_error *heap_regions_read(const struct heap_tree *tree,
				   const struct heap_ranges *heap, size_t max,
				   struct heap_regions *ret,
				   bool *whole) hs_must_check;

void heap_regions_release(struct heap_regions *regions);

/** A region. */
struct heap_region {
	size_t slab; /* index */
	unsigned i;  /* of its regions */
};

/** The region that begins at @address, or one in which it is when @inside, in
 *  use or not; false: none. */
bool heap_regions_find(const struct heap_regions *regions, uint64_t address,
		       bool inside, struct heap_region *ret);

/** Whether it is in use. */
bool heap_region_live(const struct heap_regions *regions,
		      const struct heap_region *region);

/** A region that is counted as in use is in a thread's cache: it is free. */
void heap_regions_take_cached(struct heap_regions *regions,
			      const struct heap_region *region);

#endif
