#include "contents/graph_rare.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum {
	WORD = 8,
	WORDS_MAX = 128, /* of a region of which each word counts by itself */
	OTHER_WORD = 255,
	MANY = 1000,	      /* regions of a class, or links of one region */
	RARE_OF_CLASS = 1000, /* one in so many */
	RARE_OF_REGION = 20,
};

/* Links of each kind, of classes whose words count. */
struct kinds {
	uint32_t *counts;		/* owned */
	size_t first[HEAP_CLASSES + 1]; /* a class's first word */
	uint64_t live[HEAP_CLASSES];	/* regions in use */
};

static void kinds_release(struct kinds *k)
{
	free(k->counts);
}

static bool has_words(unsigned class)
{
	return heap_class_size(class) <= (uint64_t)WORDS_MAX * WORD;
}

uint8_t graph_rare_word(unsigned class, uint64_t word)
{
	return has_words(class) ? (uint8_t)word : OTHER_WORD;
}

static struct hs_error *kinds_begin(struct kinds *k,
				    const struct graph_index *index)
{
	unsigned class;
	uint32_t i;

	for (class = 0; class < HEAP_CLASSES; class ++) {
		k->first[class + 1] = k->first[class];
		if (has_words(class))
			k->first[class + 1] += heap_class_size(class) / WORD;
	}
	for (i = 0; i < index->n_regions; i++)
		k->live[index->classes[i]] += graph_bit(index->live, i);
	k->counts = calloc(k->first[HEAP_CLASSES] * HEAP_CLASSES,
			   sizeof(*k->counts));
	return k->counts ? NULL : hs_error_nomem();
}

static uint32_t *count_of(const struct kinds *k, unsigned class, uint8_t word,
			  unsigned to)
{
	return &k->counts[(k->first[class] + word) * HEAP_CLASSES + to];
}

struct links {
	const struct graph_index *index;
	const uint32_t *first;
	struct graph_edges *edges;
};

static void count_links(const struct links *l, struct kinds *k)
{
	const uint8_t *classes = l->index->classes;
	uint32_t i, edge;

	for (i = 0; i < l->index->n_regions; i++) {
		if (!has_words(classes[i]))
			continue;
		for (edge = l->first[i]; edge < l->first[i + 1]; edge++)
			++*count_of(k, classes[i],
				    graph_edge_word(l->edges, edge),
				    classes[*graph_edge(l->edges, edge)]);
	}
}

static void mark_small(const struct links *l, const struct kinds *k,
		       uint32_t region)
{
	const uint8_t *classes = l->index->classes;
	const unsigned class = classes[region];
	uint32_t edge;

	for (edge = l->first[region]; edge < l->first[region + 1]; edge++) {
		uint32_t *to = graph_edge(l->edges, edge);
		const uint64_t n = *count_of(k, class,
					     graph_edge_word(l->edges, edge),
					     classes[*to]);

		if (k->live[class] >= MANY &&
		    n * RARE_OF_CLASS < k->live[class])
			*to |= GRAPH_EDGE_RARE;
	}
}

static void mark_large(const struct links *l, uint32_t region)
{
	const uint8_t *classes = l->index->classes;
	const uint32_t from = l->first[region], to = l->first[region + 1];
	uint32_t counts[HEAP_CLASSES] = { 0 }, edge;

	if (to - from < MANY)
		return;
	for (edge = from; edge < to; edge++)
		counts[classes[*graph_edge(l->edges, edge)]]++;
	for (edge = from; edge < to; edge++) {
		uint32_t *at = graph_edge(l->edges, edge);

		if ((uint64_t)counts[classes[*at]] * RARE_OF_REGION < to - from)
			*at |= GRAPH_EDGE_RARE;
	}
}

struct hs_error *graph_rare_mark(const struct graph_index *index,
				 const uint32_t *first,
				 struct graph_edges *edges)
{
	hs_cleanup(kinds_release) struct kinds k = { 0 };
	const struct links l = { index, first, edges };
	struct hs_error *err = kinds_begin(&k, index);
	uint32_t i;

	if (err)
		return err;
	count_links(&l, &k);
	for (i = 0; i < index->n_regions; i++) {
		if (has_words(index->classes[i]))
			mark_small(&l, &k, i);
		else
			mark_large(&l, i);
	}
	return NULL;
}
