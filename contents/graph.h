/**
 * @file graph.h - which region of a heap points to which, and which ones the
 * roots point to: by one pass over the memory of all regions in use.
 *
 * Any aligned word whose value is an address in a region, of its begin or its
 * inside, is a pointer to it. What is hidden from that (compressed, XORed,
 * tagged in the upper bits, in shared memory, in a register) is not found; an
 * integer that looks like an address is.
 *
 * Memory is read in pieces of at most 64 KiB, each once. Bytes that it takes: a
 * region 21, while holders are found 4 more, an edge 5, and a slab 48 at most.
 */
#ifndef CONTENTS_GRAPH_H
#define CONTENTS_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "contents/graph_edges.h"
#include "contents/graph_index.h"
#include "contents/roots.h"

/** A word of a root that points to a region. */
struct graph_root {
	uint64_t address; /* of the word; of the kernel's: its value */
	uint32_t range;	  /* of roots->items */
	uint32_t region;
};

struct graph {
	const struct graph_index *index; /* borrowed, as are the roots */
	const struct roots *roots;
	/* Owned: the number of each region's first edge; where the last ones
	 * end, behind. Self-references are left out, and repetitions in a
	 * row. */
	uint32_t *first;
	struct graph_edges edges;
	/* Owned: a hash of what is in each region in use. */
	uint32_t *contents;
	/* Owned: in the order of the roots, the first to each region only. */
	struct graph_root *from;
	size_t n_from, from_cap;
	uint64_t read;	 /* bytes */
	uint64_t unread; /* bytes of regions and roots that were not there */
	uint64_t most;	 /* bytes of memory that it may take */
};

/** What the graph is of. All is borrowed. */
struct graph_input {
	const struct memory_source *memory;
	const struct graph_index *index;
	const struct roots *roots;
	/* Addresses in regions whose pointers count for none: the stacks of
	 * thread caches. */
	const uint64_t *silent;
	size_t n_silent;
	uint64_t most; /* bytes of memory to take, with the index's */
};

/** HS_ERROR_GREW "the graph of 5000 regions takes more than 1 MiB": as much as
 *  in->most would not do. graph_release() in any case. */
struct hs_error *graph_make(const struct graph_input *in,
			    struct graph *ret) hs_must_check;

void graph_release(struct graph *graph);

/** Bytes of memory that the graph, its index and its holders take. */
uint64_t graph_bytes(const struct graph *graph);

#endif
