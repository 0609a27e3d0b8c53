/**
 * @file graph_index.h - numbers the regions of a heap, so that what is known of
 * each takes few bytes, and finds the one that holds an address in a few steps
 * however many there are.
 *
 * All regions of a slab have numbers, in use or not: one after the other, by
 * address.
 */
#ifndef CONTENTS_GRAPH_INDEX_H
#define CONTENTS_GRAPH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "target/heap_regions.h"

/** No region. Numbers are below GRAPH_REGIONS_MAX. */
#define GRAPH_NONE UINT32_MAX
#define GRAPH_REGIONS_MAX (UINT32_C(1) << 31)

/** A slab, or a large allocation. */
struct graph_slab {
	uint64_t address;
	uint64_t size;	/* bytes of each region */
	uint32_t first; /* number of its first region */
	uint16_t n;	/* regions */
	uint16_t szind; /* their size class */
};

/** Slabs that are near each other, from which buckets lead to them. */
struct graph_area {
	uint64_t start, end; /* addresses, exclusive */
	size_t bucket;	     /* its first one */
};

enum { GRAPH_AREAS = 16 };

struct graph_index {
	struct graph_slab *slabs; /* owned; ascending, not overlapping */
	size_t n;
	uint32_t n_regions;
	uint8_t *classes; /* owned; the size class of each region */
	uint64_t *live;	  /* owned; a bit for each that is in use */
	uint64_t n_live;  /* bits that are set */
	size_t left_out;  /* slabs: in no memory that is there */
	/* To find slabs: the first one that ends behind the begin of each
	 * bucket of 1 << shift bytes. Owned. */
	uint32_t *buckets;
	unsigned shift;
	struct graph_area areas[GRAPH_AREAS];
	size_t n_areas;
	uint64_t bytes; /* of memory that all this takes */
};

/** Makes that of @regions which are in @heap, memory of the process; what is
 *  not is left out, since nobody knows how much of it there is. HS_ERROR_INPUT
 *  when there are too many. graph_index_release() in any case. */
struct hs_error *graph_index_make(const struct heap_regions *regions,
				  const struct heap_ranges *heap,
				  struct graph_index *ret) hs_must_check;

void graph_index_release(struct graph_index *index);

/** The region in use that holds @address, at its begin or inside; GRAPH_NONE:
 *  none. *slab (may be NULL) is where it is. */
uint32_t graph_index_find(const struct graph_index *index, uint64_t address,
			  const struct graph_slab **slab);

/** The slab of @region, a number that there is. */
const struct graph_slab *graph_index_slab(const struct graph_index *index,
					  uint32_t region);

/** Where @region begins. */
uint64_t graph_index_address(const struct graph_index *index, uint32_t region);

/** Its bytes. */
uint64_t graph_index_size(const struct graph_index *index, uint32_t region);

/** A bit of an array of them, as of live. */
static inline bool graph_bit(const uint64_t *bits, uint32_t region)
{
	return bits[region / 64] >> region % 64 & 1;
}

static inline void graph_set_bit(uint64_t *bits, uint32_t region)
{
	bits[region / 64] |= UINT64_C(1) << region % 64;
}

/** Words of an array of a bit for each of @n regions. */
static inline size_t graph_bit_words(uint32_t n)
{
	return (size_t)n / 64 + 1;
}

#endif
