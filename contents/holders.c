#include "contents/holders.h"

#include <stdlib.h>

#include "base/cleanup.h"

struct search {
	const struct graph *graph;
	struct holders *holders;
	uint32_t *queue; /* owned: regions in the order they were reached */
	size_t n;
};

static void search_release(struct search *s)
{
	free(s->queue);
}

void holders_release(struct holders *holders)
{
	free(holders->parents);
	free(holders->roots);
	free(holders->sums);
	*holders = (struct holders){ 0 };
}

static void reach(struct search *s, uint32_t region, uint32_t parent,
		  uint32_t root)
{
	struct holders *h = s->holders;

	if (h->parents[region] != GRAPH_NONE)
		return;
	h->parents[region] = parent;
	h->roots[region] = root;
	h->sums[root].regions++;
	h->sums[root].bytes += graph_index_size(s->graph->index, region);
	s->queue[s->n++] = region;
}

/* Follows the links of what is in the queue from @at on. */
static void follow(struct search *s, size_t at, bool rare)
{
	const struct graph *g = s->graph;

	for (; at < s->n; at++) {
		const uint32_t region = s->queue[at];
		uint32_t edge;

		for (edge = g->first[region]; edge < g->first[region + 1];
		     edge++) {
			const uint32_t to = *graph_edge(&g->edges, edge);

			if (rare || !(to & GRAPH_EDGE_RARE))
				reach(s, to & ~GRAPH_EDGE_RARE, region,
				      s->holders->roots[region]);
		}
	}
}

static void search_all(struct search *s)
{
	const struct graph *g = s->graph;
	size_t i = 0, at;

	/* All of one kind side by side, to their ends. */
	while (i < g->n_from) {
		const enum root_kind kind =
			g->roots->items[g->from[i].range].kind;

		at = s->n;
		for (; i < g->n_from &&
		       g->roots->items[g->from[i].range].kind == kind;
		     i++)
			reach(s, g->from[i].region, HOLDERS_ROOT | (uint32_t)i,
			      (uint32_t)i);
		follow(s, at, false);
	}
	follow(s, 0, true);
	s->holders->reached = s->n;
}

static uint32_t *make_nones(size_t n)
{
	uint32_t *ret = malloc((n + 1) * sizeof(*ret));
	size_t i;

	for (i = 0; ret && i < n; i++)
		ret[i] = GRAPH_NONE;
	return ret;
}

struct hs_error *holders_find(const struct graph *graph, struct holders *ret)
{
	const struct graph_index *index = graph->index;
	hs_cleanup(search_release) struct search s = {
		.graph = graph,
		.holders = ret,
		.queue = malloc((index->n_live + 1) * sizeof(*s.queue)),
	};

	*ret = (struct holders){
		.graph = graph,
		.parents = make_nones(index->n_regions),
		.roots = make_nones(index->n_regions),
		.sums = calloc(graph->n_from + 1, sizeof(*ret->sums)),
	};
	if (!s.queue || !ret->parents || !ret->roots || !ret->sums)
		return hs_error_nomem();
	search_all(&s);
	return NULL;
}

size_t holders_path(const struct holders *h, uint32_t region, uint32_t *ret,
		    size_t max, bool *whole)
{
	uint32_t parent = h->parents[region];
	size_t n = 0;

	while (n < max && !(parent & HOLDERS_ROOT)) {
		ret[n++] = parent;
		parent = h->parents[parent];
	}
	*whole = parent & HOLDERS_ROOT;
	return n;
}
