#include "contents/graph_leaks.h"

#include <stdlib.h>

void unreached_release(struct unreached *u)
{
	graph_index_release(&u->index);
	free(u->bits);
	free(u->contents);
	*u = (struct unreached){ 0 };
}

void leaks_release(struct leaks *leaks)
{
	free(leaks->leaked);
	free(leaks->indirect);
	*leaks = (struct leaks){ 0 };
}

static bool is_unreached(const struct holders *h, uint32_t region)
{
	return graph_bit(h->graph->index->live, region) &&
	       !holders_reach(h, region);
}

/* Whether the region at @address, of @size bytes, was there in the earlier
 * looks, with the same contents, and not reached. */
static bool was_unreached(const struct unreached *u, uint64_t address,
			  uint64_t size, uint32_t contents)
{
	const struct graph_slab *slab;
	const uint32_t region = graph_index_find(&u->index, address, &slab);

	return region != GRAPH_NONE && graph_bit(u->bits, region) &&
	       u->contents[region] == contents && slab->size == size &&
	       (address - slab->address) % size == 0;
}

/* Sets the bits of what @h do not reach, nor @earlier does. Returns how many. */
static uint64_t mark_unreached(const struct holders *h,
			       const struct unreached *earlier, uint64_t *bits)
{
	const struct graph_index *index = h->graph->index;
	uint64_t n = 0;
	size_t i;
	uint32_t k;

	for (i = 0; i < index->n; i++) {
		const struct graph_slab *s = &index->slabs[i];

		for (k = 0; k < s->n; k++) {
			const uint32_t region = s->first + k;

			if (!is_unreached(h, region) ||
			    (earlier &&
			     !was_unreached(earlier, s->address + k * s->size,
					    s->size,
					    h->graph->contents[region])))
				continue;
			graph_set_bit(bits, region);
			n++;
		}
	}
	return n;
}

struct hs_error *unreached_take(const struct holders *holders,
				struct graph *graph, struct graph_index *index,
				const struct unreached *earlier,
				struct unreached *ret)
{
	*ret = (struct unreached){
		.bits = calloc(graph_bit_words(index->n_regions),
			       sizeof(*ret->bits)),
	};
	if (ret->bits)
		ret->n = mark_unreached(holders, earlier, ret->bits);
	ret->contents = graph->contents;
	graph->contents = NULL;
	ret->index = *index;
	*index = (struct graph_index){ 0 };
	return ret->bits ? NULL : hs_error_nomem();
}

static void mark_indirect(const struct graph *g, struct leaks *ret)
{
	uint32_t i, edge;

	for (i = 0; i < g->index->n_regions; i++) {
		if (!graph_bit(ret->leaked, i))
			continue;
		for (edge = g->first[i]; edge < g->first[i + 1]; edge++) {
			const uint32_t to = *graph_edge(&g->edges, edge) &
					    ~GRAPH_EDGE_RARE;

			if (graph_bit(ret->leaked, to))
				graph_set_bit(ret->indirect, to);
		}
	}
}

static void add(struct leak_count *to, const struct leak_count *n)
{
	to->held += n->held;
	to->direct += n->direct;
	to->indirect += n->indirect;
	to->moved += n->moved;
}

/* The one of the counts that @region is in. */
static uint64_t *which(struct leak_count *c, const struct holders *h,
		       const struct leaks *leaks, uint32_t region)
{
	if (holders_reach(h, region))
		return &c->held;
	if (!graph_bit(leaks->leaked, region))
		return &c->moved;
	return graph_bit(leaks->indirect, region) ? &c->indirect : &c->direct;
}

static void count(const struct holders *h, struct leaks *ret)
{
	const struct graph_index *index = h->graph->index;
	unsigned class;
	uint32_t i;

	for (i = 0; i < index->n_regions; i++) {
		class = index->classes[i];
		if (!graph_bit(index->live, i))
			continue;
		++*which(&ret->classes[class], h, ret, i);
		*which(&ret->bytes_of[class], h, ret, i) +=
			graph_index_size(index, i);
	}
	for (class = 0; class < HEAP_CLASSES; class ++) {
		add(&ret->regions, &ret->classes[class]);
		add(&ret->bytes, &ret->bytes_of[class]);
	}
}

struct hs_error *leaks_find(const struct holders *holders,
			    const struct unreached *earlier, struct leaks *ret)
{
	const size_t words = graph_bit_words(holders->graph->index->n_regions);

	*ret = (struct leaks){
		.leaked = calloc(words, sizeof(*ret->leaked)),
		.indirect = calloc(words, sizeof(*ret->indirect)),
	};
	if (!ret->leaked || !ret->indirect)
		return hs_error_nomem();
	mark_unreached(holders, earlier, ret->leaked);
	mark_indirect(holders->graph, ret);
	count(holders, ret);
	return NULL;
}

bool leaks_has(const struct leaks *leaks, const struct graph_index *index,
	       uint64_t address)
{
	const uint32_t region = graph_index_find(index, address, NULL);

	return region != GRAPH_NONE && graph_bit(leaks->leaked, region);
}
