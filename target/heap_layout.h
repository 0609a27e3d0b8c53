/**
 * @file heap_layout.h - how the versions of jemalloc lay out what finds their
 * memory: a radix tree from pages to extents, and the extents.
 *
 * From jemalloc's sources: 5.1.0 and 5.2.1 include/jemalloc/internal/rtree.h
 * and extent_structs.h; 5.3.0, 5.3.1 and the development version of 2026
 * rtree.h, edata.h and base.h. Before 5.1 the extents are others.
 *
 * A program for x86-64 has pages of 4 KiB in it, and addresses of 48 bits, or
 * of 57 when it was built on a machine that has them.
 */
#ifndef TARGET_HEAP_LAYOUT_H
#define TARGET_HEAP_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/thread_cache_layout.h"

enum {
	/* Of a page's worth of the smallest regions, SC_LG_SLAB_MAXREGS. */
	HEAP_SLAB_REGIONS = 512,
	HEAP_BITMAP_WORDS = HEAP_SLAB_REGIONS / 64,
	HEAP_PROF_WORDS = 3,
};

/** What an extent is used for. */
enum heap_extent_state {
	HEAP_EXTENT_ACTIVE,   /* in use: a slab, or one large allocation */
	HEAP_EXTENT_DIRTY,    /* freed, not given back */
	HEAP_EXTENT_MUZZY,    /* given back by MADV_FREE */
	HEAP_EXTENT_RETAINED, /* given back, its addresses are kept */
	HEAP_EXTENT_MOVING,   /* freed, between two of these states */
	HEAP_EXTENT_STATES,
};

/** Pages that jemalloc treats as one. */
struct heap_extent {
	uint64_t address; /* of the first page */
	uint64_t size;	  /* bytes, whole pages */
	enum heap_extent_state state;
	bool slab;	/* many regions of one size; else one allocation */
	unsigned szind; /* index of the size class; only of active ones */
	unsigned arena;
	unsigned nfree; /* free regions of a slab */
	uint64_t edata; /* where jemalloc's record of it is */
	uint64_t start; /* where the allocation begins, in the first page */
	/* A bit for each region of a slab, least significant first: it is
	 * free. */
	uint64_t free[HEAP_BITMAP_WORDS];
	/* Of what is no slab: what the profiler keeps there, as its version
	 * lays that out (contents/sampled_layout.h). */
	uint64_t prof[HEAP_PROF_WORDS];
};

/** An element of the tree's lowest level. */
struct heap_leaf {
	uint64_t edata; /* 0: no extent */
	unsigned szind;
	bool slab;
};

enum {
	HEAP_PAGE_SHIFT = 12,
	HEAP_EDATA_BYTES = 128, /* of an extent's record */
	HEAP_BASE_BYTES = 40,	/* of the head of a base block */
	/* Base blocks, jemalloc's own memory, begin at multiples of this and
	 * are as large as some (HUGEPAGE). */
	HEAP_BASE_ALIGNMENT = 2 << 20,
};

struct heap_layout {
	const char *versions; /* "5.3" */
	unsigned lg_vaddr;    /* bits of an address */
	unsigned levels;      /* of the tree */
	unsigned bits;	      /* of an address that each level takes */
	unsigned leaf_words;  /* of 8 bytes, an element of the lowest level */
	/* Bits of the extent's first word. */
	unsigned state_shift, state_bits, szind_shift, nfree_shift;
	/* Where a leaf has its flags. */
	uint64_t pointer_flags; /* bits of the pointer that are none of it */
	unsigned leaf_szind_shift, leaf_slab_shift; /* in the second word */
	/* What the states are called by number. */
	unsigned char states[8];
	cache_bin_fn *cache_bin; /* decodes a bin of a thread's cache */
};

/** All that are known; *n: how many. The caller tells them apart by trying. */
const struct heap_layout *heap_layouts(size_t *n);

/** Decodes the element @words[0..layout->leaf_words). */
struct heap_leaf heap_layout_leaf(const struct heap_layout *layout,
				  const uint64_t *words);

/** Decodes an extent's record, HEAP_EDATA_BYTES; edata is left to the caller.
 *  False when it can be none. */
bool heap_layout_extent(const struct heap_layout *layout, const uint64_t *words,
			struct heap_extent *ret);

/** Decodes the head of a base block at @address, HEAP_BASE_BYTES: the same in
 *  all versions. Returns its size in bytes; 0: it is none. */
uint64_t heap_layout_base_block(uint64_t address, const uint64_t *words);

#endif
