/**
 * @file graph_edges.h - numbers by the million, added one after the other, in
 * memory that never has to move or be doubled.
 *
 * Internal to the graph.
 */
#ifndef CONTENTS_GRAPH_EDGES_H
#define CONTENTS_GRAPH_EDGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { GRAPH_EDGE_SHIFT = 18, GRAPH_EDGE_BLOCK = 1 << GRAPH_EDGE_SHIFT };

/** A region that another one points to, or is pointed to by. The highest bit
 *  says that the link is of a rare kind (contents/graph_rare.h). */
#define GRAPH_EDGE_RARE (UINT32_C(1) << 31)

struct graph_edge_block {
	uint32_t to[GRAPH_EDGE_BLOCK];
	uint8_t word[GRAPH_EDGE_BLOCK]; /* graph_rare_word() */
};

struct graph_edges {
	struct graph_edge_block **blocks; /* owned, as is each of them */
	size_t n_blocks, cap;
	uint64_t n; /* edges */
};

/** Adds an edge. HS_ERROR_NOMEM. */
struct hs_error *graph_edges_add(struct graph_edges *edges, uint32_t to,
				 uint8_t word) hs_must_check;

void graph_edges_release(struct graph_edges *edges);

/** Bytes that they take, with one more block when @more. */
uint64_t graph_edges_bytes(const struct graph_edges *edges, bool more);

/** The edge of number @i. */
static inline uint32_t *graph_edge(const struct graph_edges *edges, uint64_t i)
{
	return &edges->blocks[i >> GRAPH_EDGE_SHIFT]
			->to[i & (GRAPH_EDGE_BLOCK - 1)];
}

/** The word it was added with. */
static inline uint8_t graph_edge_word(const struct graph_edges *edges,
				      uint64_t i)
{
	return edges->blocks[i >> GRAPH_EDGE_SHIFT]
		->word[i & (GRAPH_EDGE_BLOCK - 1)];
}

#endif
