#include "contents/graph_edges.h"

#include <stdlib.h>

#include "base/array.h"

struct hs_error *graph_edges_add(struct graph_edges *edges, uint32_t to,
				 uint8_t word)
{
	const size_t at = edges->n & (GRAPH_EDGE_BLOCK - 1);
	struct graph_edge_block *block;

	if (!at) {
		if (!ARRAY_GROW(edges->blocks, edges->cap, edges->n_blocks + 1))
			return hs_error_nomem();
		block = malloc(sizeof(*block));
		if (!block)
			return hs_error_nomem();
		edges->blocks[edges->n_blocks++] = block;
	}
	block = edges->blocks[edges->n_blocks - 1];
	block->to[at] = to;
	block->word[at] = word;
	edges->n++;
	return NULL;
}

void graph_edges_release(struct graph_edges *edges)
{
	size_t i;

	for (i = 0; i < edges->n_blocks; i++)
		free(edges->blocks[i]);
	free(edges->blocks);
	*edges = (struct graph_edges){ 0 };
}

uint64_t graph_edges_bytes(const struct graph_edges *edges, bool more)
{
	return (edges->n_blocks + more) * sizeof(struct graph_edge_block);
}
