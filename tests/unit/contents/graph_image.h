/**
 * @file graph_image.h - a heap of which every word is known: slabs of chosen
 * classes in memory of our own, globals and a stack that point into it.
 */
#ifndef TESTS_UNIT_CONTENTS_GRAPH_IMAGE_H
#define TESTS_UNIT_CONTENTS_GRAPH_IMAGE_H

#include <stdlib.h>
#include <string.h>

#include "contents/graph_leaks.h"
#include "tests/unit/hs_check.h"

enum {
	GRAPH_HEAP = 4 << 20, /* bytes of each kind of memory */
	GRAPH_DATA = 64 << 10,
	GRAPH_STACK = 16 << 10,
	GRAPH_MOST = 64 << 20, /* bytes that a graph may take */
};

#define GRAPH_HEAP_AT UINT64_C(0x7f1000000000)
#define GRAPH_DATA_AT UINT64_C(0x555500010000)
#define GRAPH_STACK_AT UINT64_C(0x7ffd00004000)

/* Words in the data and on the stack. */
#define GLOBAL (GRAPH_DATA_AT + 0x1230)
#define LOCAL (GRAPH_STACK_AT + 0x230)

/* Size classes by their bytes. */
enum { C16 = 1, C64 = 4, C80 = 5, C128 = 8, C1024 = 20 };
enum { C16K = 36, C40K = 41, C256K = 52 };

struct graph_image {
	char *heap, *data, *stack; /* owned */
	uint64_t used;		   /* bytes of the heap */
	struct heap_regions regions;
	struct mapping mappings[2];
	struct root_range ranges[3];
	struct roots roots; /* data, stack, kernel */
	uint64_t silent;    /* an address in a region; 0: none */
	uint64_t hole;	    /* a page that cannot be read; 0: none */
	size_t longest;	    /* bytes of a read */
	unsigned reads;
};

/* All that is found out about it. */
struct graph_found {
	struct graph_index index;
	struct graph graph;
	struct holders holders;
};

static inline char *graph_at(struct graph_image *im, uint64_t at, size_t len)
{
	if (at >= GRAPH_HEAP_AT && at - GRAPH_HEAP_AT <= GRAPH_HEAP - len)
		return im->heap + (at - GRAPH_HEAP_AT);
	if (at >= GRAPH_DATA_AT && at - GRAPH_DATA_AT <= GRAPH_DATA - len)
		return im->data + (at - GRAPH_DATA_AT);
	if (at >= GRAPH_STACK_AT && at - GRAPH_STACK_AT <= GRAPH_STACK - len)
		return im->stack + (at - GRAPH_STACK_AT);
	return NULL;
}

static inline bool graph_read(void *arg, uint64_t at, void *buf, size_t len)
{
	struct graph_image *im = arg;
	const char *from = graph_at(im, at, len);

	im->reads++;
	im->longest = len > im->longest ? len : im->longest;
	if (!from || (im->hole && at < im->hole + 4096 && at + len > im->hole))
		return false;
	memcpy(buf, from, len);
	return true;
}

static inline void graph_image_make(struct graph_image *im)
{
	*im = (struct graph_image){
		.heap = calloc(1, GRAPH_HEAP),
		.data = calloc(1, GRAPH_DATA),
		.stack = calloc(1, GRAPH_STACK),
		.ranges = {
			{ GRAPH_DATA_AT, GRAPH_DATA_AT + GRAPH_DATA, ROOT_DATA,
			  &im->mappings[0], 0 },
			{ GRAPH_STACK_AT, GRAPH_STACK_AT + GRAPH_STACK,
			  ROOT_STACK, &im->mappings[1], 7 },
			{ 0, 0, ROOT_KERNEL, NULL, 0 },
		},
		.roots = { .items = im->ranges, .n = 3 },
	};
}

static inline void graph_image_release(struct graph_image *im)
{
	heap_regions_release(&im->regions);
	free(im->heap);
	free(im->data);
	free(im->stack);
}

/* A new slab of @n regions of class @szind, all in use; where it is. */
static inline uint64_t graph_slab(struct graph_image *im, unsigned szind,
				  unsigned n)
{
	struct heap_regions *r = &im->regions;
	const uint64_t at = GRAPH_HEAP_AT + im->used;

	r->slabs = realloc(r->slabs, (r->n + 1) * sizeof(*r->slabs));
	r->slabs[r->n++] = (struct heap_slab){
		.address = at,
		.size = heap_class_size(szind),
		.szind = (uint16_t)szind,
		.n = (uint16_t)n,
	};
	im->used += (n * heap_class_size(szind) + 4095) / 4096 * 4096;
	ck_assert_uint_le(im->used, GRAPH_HEAP);
	return at;
}

/* The region at @at is free. */
static inline void graph_free(struct graph_image *im, uint64_t at)
{
	struct heap_region region;

	ck_assert(heap_regions_find(&im->regions, at, false, &region));
	im->regions.slabs[region.slab].free[region.i / 64] |= UINT64_C(1)
							      << region.i % 64;
}

static inline void graph_put(struct graph_image *im, uint64_t at, uint64_t word)
{
	memcpy(graph_at(im, at, sizeof(word)), &word, sizeof(word));
}

static inline struct hs_error *graph_try(struct graph_image *im, uint64_t most,
					 struct graph_found *ret)
{
	static struct heap_range heap = { GRAPH_HEAP_AT,
					  GRAPH_HEAP_AT + GRAPH_HEAP };
	const struct heap_ranges ranges = { &heap, 1, 1 };
	const struct memory_source memory = { graph_read, im };
	const struct graph_input in = {
		.memory = &memory,
		.index = &ret->index,
		.roots = &im->roots,
		.silent = &im->silent,
		.n_silent = 1,
		.most = most,
	};

	*ret = (struct graph_found){ 0 };
	hs_ck_ok(graph_index_make(&im->regions, &ranges, &ret->index));
	return graph_make(&in, &ret->graph);
}

static inline void graph_find(struct graph_image *im, struct graph_found *ret)
{
	hs_ck_ok(graph_try(im, GRAPH_MOST, ret));
	hs_ck_ok(holders_find(&ret->graph, &ret->holders));
	ck_assert_uint_le(im->longest, 64 << 10);
}

static inline void graph_found_release(struct graph_found *f)
{
	holders_release(&f->holders);
	graph_release(&f->graph);
	graph_index_release(&f->index);
}

/* The number of the region at @at. */
static inline uint32_t graph_number(const struct graph_found *f, uint64_t at)
{
	const uint32_t region = graph_index_find(&f->index, at, NULL);

	ck_assert_uint_ne(region, GRAPH_NONE);
	ck_assert_uint_eq(graph_index_address(&f->index, region), at);
	return region;
}

static inline bool graph_reached(const struct graph_found *f, uint64_t at)
{
	return holders_reach(&f->holders, graph_number(f, at));
}

/* The address of the root word that holds the region at @at; 0: none. */
static inline uint64_t graph_holder(const struct graph_found *f, uint64_t at)
{
	const uint32_t root = f->holders.roots[graph_number(f, at)];

	return root == GRAPH_NONE ? 0 : f->graph.from[root].address;
}

#endif
