#include "contents/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "contents/graph_rare.h"

enum {
	PIECE = 64 << 10, /* bytes read at once */
	WORD = 8,
	PAGE = 4096,
	/* Of each region, until its holder is known: its first edge, its
	 * contents, its parent, its root, its place in the queue. */
	PER_REGION = 5 * sizeof(uint32_t),
};

/* Odd, and of no pattern: of two contents that differ the hashes do. */
#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

struct scan {
	const struct memory_source *memory;
	struct graph *graph;
	uint64_t *piece; /* owned; PIECE bytes */
	/* Owned; a bit for each region: its pointers count for none; then, a
	 * root points to it. */
	uint64_t *marks;
	uint64_t hash;	    /* of the region that is looked at */
	uint64_t low, high; /* what points to no region is outside */
};

static void scan_release(struct scan *s)
{
	free(s->piece);
	free(s->marks);
}

void graph_release(struct graph *graph)
{
	free(graph->first);
	free(graph->contents);
	free(graph->from);
	graph_edges_release(&graph->edges);
	*graph = (struct graph){ 0 };
}

/* --- memory ---------------------------------------------------------------- */

uint64_t graph_bytes(const struct graph *graph)
{
	return graph->index->bytes +
	       (uint64_t)graph->index->n_regions * PER_REGION +
	       graph->from_cap * sizeof(*graph->from) +
	       graph_edges_bytes(&graph->edges, false);
}

static struct hs_error *check_most(const struct graph *g, uint64_t more)
{
	if (graph_bytes(g) + more <= g->most)
		return NULL;
	return hs_error_new(HS_ERROR_GREW,
			    "the graph of %u regions takes more than %llu MiB",
			    g->index->n_regions,
			    (unsigned long long)(g->most >> 20));
}

static struct hs_error *add_edge(struct graph *g, uint32_t to, uint8_t word)
{
	struct hs_error *err = NULL;

	if (g->edges.n % GRAPH_EDGE_BLOCK == 0)
		err = check_most(g, sizeof(struct graph_edge_block));
	if (!err && g->edges.n == UINT32_MAX)
		err = hs_error_new(HS_ERROR_GREW,
				   "the graph has more than 2^32 edges");
	return err ? err : graph_edges_add(&g->edges, to, word);
}

static bool read_piece(struct scan *s, uint64_t at, size_t len)
{
	return s->memory->read(s->memory->arg, at, s->piece, len);
}

/* --- regions --------------------------------------------------------------- */

/* The region that the @i-th word of what was read points to. */
static uint32_t target(const struct scan *s, size_t i)
{
	const uint64_t value = s->piece[i];

	if (value < s->low || value >= s->high)
		return GRAPH_NONE;
	return graph_index_find(s->graph->index, value, NULL);
}

/* Adds what the words [from, to) of the piece point to, of @region, whose word
 * number @word is the first of them. */
static struct hs_error *scan_words(struct scan *s, uint32_t region, size_t from,
				   size_t to, uint64_t word)
{
	const unsigned class = s->graph->index->classes[region];
	uint32_t last = region, found;
	struct hs_error *err = NULL;
	size_t i;

	for (i = from; i < to && !err; i++) {
		s->hash = s->hash * FACTOR + s->piece[i];
		found = target(s, i);
		if (found == GRAPH_NONE || found == last || found == region)
			continue;
		last = found;
		err = add_edge(s->graph, found,
			       graph_rare_word(class, word + (i - from)));
	}
	return err;
}

static void begin_region(struct scan *s, uint32_t region)
{
	s->graph->first[region] = (uint32_t)s->graph->edges.n;
	s->hash = 0;
}

static void end_region(struct scan *s, uint32_t region)
{
	s->graph->contents[region] = (uint32_t)(s->hash >> 32 ^ s->hash);
}

static bool is_silent(const struct scan *s, uint32_t region)
{
	return !graph_bit(s->graph->index->live, region) ||
	       graph_bit(s->marks, region);
}

/* The regions of @slab, which was read to byte @offset of the piece. */
static struct hs_error *scan_slab(struct scan *s, const struct graph_slab *slab,
				  size_t offset)
{
	const size_t words = (size_t)(slab->size / WORD);
	struct hs_error *err = NULL;
	uint32_t i;

	for (i = 0; i < slab->n && !err; i++) {
		const uint32_t region = slab->first + i;
		const size_t from = offset / WORD + i * words;

		begin_region(s, region);
		if (!is_silent(s, region))
			err = scan_words(s, region, from, from + words, 0);
		end_region(s, region);
	}
	return err;
}

/* A region at @at, in as many pieces as it takes. */
static struct hs_error *scan_region(struct scan *s, uint32_t region,
				    uint64_t at, uint64_t size)
{
	struct hs_error *err = NULL;
	uint64_t done = 0;

	begin_region(s, region);
	while (done < size && !err && !is_silent(s, region)) {
		const size_t now = size - done < PIECE ? (size_t)(size - done)
						       : PIECE;

		if (read_piece(s, at + done, now)) {
			s->graph->read += now;
			err = scan_words(s, region, 0, now / WORD, done / WORD);
		} else {
			s->graph->unread += now;
		}
		done += now;
	}
	end_region(s, region);
	return err;
}

static struct hs_error *scan_alone(struct scan *s,
				   const struct graph_slab *slab)
{
	struct hs_error *err = NULL;
	uint32_t i;

	for (i = 0; i < slab->n && !err; i++)
		err = scan_region(s, slab->first + i,
				  slab->address + i * slab->size, slab->size);
	return err;
}

/* How many slabs from @at on are read at once, and the bytes of that: what is
 * between them is less than a page each. */
static size_t take_slabs(const struct graph_index *index, size_t at,
			 size_t *bytes)
{
	const uint64_t start = index->slabs[at].address;
	uint64_t last = start;
	size_t i;

	for (i = at; i < index->n; i++) {
		const struct graph_slab *s = &index->slabs[i];
		const uint64_t end = s->address + s->n * s->size;

		if (s->address - last >= PAGE || end - start > PIECE)
			break;
		last = end;
	}
	*bytes = (size_t)(last - start);
	return i - at;
}

static struct hs_error *scan_regions(struct scan *s)
{
	const struct graph_index *index = s->graph->index;
	struct hs_error *err = NULL;
	size_t i, at = 0, n, bytes;

	while (at < index->n && !err) {
		n = take_slabs(index, at, &bytes);
		if (!n || !read_piece(s, index->slabs[at].address, bytes)) {
			err = scan_alone(s, &index->slabs[at++]);
			continue;
		}
		s->graph->read += bytes;
		for (i = at; i < at + n && !err; i++)
			err = scan_slab(s, &index->slabs[i],
					(size_t)(index->slabs[i].address -
						 index->slabs[at].address));
		at += n;
	}
	s->graph->first[index->n_regions] = (uint32_t)s->graph->edges.n;
	return err;
}

/* --- roots ----------------------------------------------------------------- */

static struct hs_error *add_root(struct scan *s, const struct graph_root *r)
{
	struct graph *g = s->graph;
	struct hs_error *err = NULL;

	if (r->region == GRAPH_NONE || graph_bit(s->marks, r->region))
		return NULL;
	graph_set_bit(s->marks, r->region);
	if (g->n_from == g->from_cap)
		err = check_most(g, (g->from_cap + 64) * 2 * sizeof(*g->from));
	if (err)
		return err;
	if (!ARRAY_GROW(g->from, g->from_cap, g->n_from + 1))
		return hs_error_nomem();
	g->from[g->n_from++] = *r;
	return NULL;
}

static struct hs_error *scan_range(struct scan *s, uint32_t range)
{
	const struct root_range *r = &s->graph->roots->items[range];
	struct hs_error *err = NULL;
	uint64_t at = r->start;
	size_t i, now;

	for (; at < r->end && !err; at += now) {
		now = r->end - at < PIECE ? (size_t)(r->end - at) : PIECE;
		if (!read_piece(s, at, now)) {
			s->graph->unread += now;
			continue;
		}
		s->graph->read += now;
		for (i = 0; i < now / WORD && !err; i++) {
			const struct graph_root found = { at + i * WORD, range,
							  target(s, i) };

			err = add_root(s, &found);
		}
	}
	return err;
}

static struct hs_error *scan_words_of_kernel(struct scan *s, uint32_t range)
{
	const struct kernel_words *words = &s->graph->roots->words;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < words->n && !err; i++) {
		const struct graph_root found = {
			words->items[i],
			range,
			graph_index_find(s->graph->index, words->items[i],
					 NULL),
		};

		err = add_root(s, &found);
	}
	return err;
}

static struct hs_error *scan_roots(struct scan *s)
{
	const struct roots *roots = s->graph->roots;
	struct hs_error *err = NULL;
	uint32_t i;

	memset(s->marks, 0,
	       graph_bit_words(s->graph->index->n_regions) * sizeof(uint64_t));
	for (i = 0; i < roots->n && !err; i++)
		err = roots->items[i].mapping ? scan_range(s, i)
					      : scan_words_of_kernel(s, i);
	return err;
}

/* --- all ------------------------------------------------------------------- */

static struct hs_error *begin(struct scan *s, const struct graph_input *in)
{
	const struct graph_index *index = in->index;
	struct hs_error *err = check_most(s->graph, 0);
	size_t i;

	if (err)
		return err;
	s->graph->first =
		calloc((size_t)index->n_regions + 1, sizeof(*s->graph->first));
	s->graph->contents = calloc((size_t)index->n_regions + 1,
				    sizeof(*s->graph->contents));
	s->marks = calloc(graph_bit_words(index->n_regions), sizeof(uint64_t));
	s->piece = malloc(PIECE);
	if (!s->graph->first || !s->graph->contents || !s->marks || !s->piece)
		return hs_error_nomem();
	for (i = 0; i < in->n_silent; i++) {
		const uint32_t region =
			graph_index_find(index, in->silent[i], NULL);

		if (region != GRAPH_NONE)
			graph_set_bit(s->marks, region);
	}
	if (index->n_areas) {
		s->low = index->areas[0].start;
		s->high = index->areas[index->n_areas - 1].end;
	}
	return NULL;
}

struct hs_error *graph_make(const struct graph_input *in, struct graph *ret)
{
	hs_cleanup(scan_release) struct scan s = {
		.memory = in->memory,
		.graph = ret,
	};
	struct hs_error *err;

	*ret = (struct graph){
		.index = in->index,
		.roots = in->roots,
		.most = in->most,
	};
	err = begin(&s, in);
	if (!err)
		err = scan_regions(&s);
	if (!err)
		err = scan_roots(&s);
	return err ? err : graph_rare_mark(in->index, ret->first, &ret->edges);
}
