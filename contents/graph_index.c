#include "contents/graph_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"

enum { PER_SLAB = 4 /* buckets */ };

/* What is farther apart than this is in another area. */
#define NEAR (UINT64_C(1) << 30)

void graph_index_release(struct graph_index *index)
{
	free(index->slabs);
	free(index->classes);
	free(index->live);
	free(index->buckets);
	*index = (struct graph_index){ 0 };
}

static uint64_t end_of(const struct graph_slab *s)
{
	return s->address + s->n * s->size;
}

/* --- numbers --------------------------------------------------------------- */

/* Whether all of it is in a range from *at on, which goes up with the slabs. */
static bool is_in(const struct heap_ranges *heap, size_t *at,
		  const struct graph_slab *s)
{
	while (*at < heap->n && heap->items[*at].end <= s->address)
		++*at;
	return *at < heap->n && heap->items[*at].start <= s->address &&
	       end_of(s) <= heap->items[*at].end && end_of(s) > s->address;
}

static void add_live(struct graph_index *index, const struct graph_slab *to,
		     const struct heap_slab *from)
{
	unsigned i;

	for (i = 0; i < from->n; i++) {
		if (from->free[i / 64] >> i % 64 & 1)
			continue;
		graph_set_bit(index->live, to->first + i);
		index->n_live++;
	}
}

static struct hs_error *allocate(struct graph_index *index, size_t slabs,
				 uint32_t regions)
{
	const size_t words = graph_bit_words(regions);

	index->live = calloc(words, sizeof(*index->live));
	index->classes = calloc((size_t)regions + 1, sizeof(*index->classes));
	index->slabs = calloc(slabs + 1, sizeof(*index->slabs));
	if (!index->live || !index->classes || !index->slabs)
		return hs_error_nomem();
	index->bytes = words * sizeof(*index->live) +
		       ((size_t)regions + 1) * sizeof(*index->classes) +
		       (slabs + 1) * sizeof(*index->slabs);
	return NULL;
}

static struct hs_error *number_slabs(const struct heap_regions *regions,
				     const struct heap_ranges *heap,
				     struct graph_index *index)
{
	struct hs_error *err;
	uint64_t n = 0;
	size_t i, at = 0;

	for (i = 0; i < regions->n; i++)
		n += regions->slabs[i].n;
	if (n >= GRAPH_REGIONS_MAX)
		return hs_error_new(HS_ERROR_INPUT,
				    "the heap has %llu regions, more than "
				    "heapsnap can follow",
				    (unsigned long long)n);
	err = allocate(index, regions->n, (uint32_t)n);
	if (err)
		return err;
	for (i = 0; i < regions->n; i++) {
		const struct heap_slab *from = &regions->slabs[i];
		struct graph_slab to = { from->address, from->size,
					 index->n_regions, from->n,
					 from->szind };

		if (!is_in(heap, &at, &to)) {
			index->left_out++;
			continue;
		}
		index->n_regions += to.n;
		index->slabs[index->n++] = to;
		memset(index->classes + to.first, to.szind, to.n);
		add_live(index, &to, from);
	}
	return NULL;
}

/* --- buckets --------------------------------------------------------------- */

static void find_areas(struct graph_index *index)
{
	struct graph_area *last = NULL;
	size_t i;

	for (i = 0; i < index->n; i++) {
		const struct graph_slab *s = &index->slabs[i];

		if (!last || (s->address - last->end > NEAR &&
			      index->n_areas < GRAPH_AREAS)) {
			last = &index->areas[index->n_areas++];
			last->start = s->address;
		}
		last->end = end_of(s);
	}
}

/* Buckets of all areas, each with one more that its last one ends with. */
static uint64_t count_buckets(const struct graph_index *index, unsigned shift)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < index->n_areas; i++) {
		const struct graph_area *a = &index->areas[i];

		n += ((a->end - a->start - 1) >> shift) + 2;
	}
	return n;
}

static void fill_buckets(struct graph_index *index)
{
	size_t i, slab = 0, at = 0;

	for (i = 0; i < index->n_areas; i++) {
		struct graph_area *a = &index->areas[i];
		const uint64_t last = (a->end - a->start - 1) >> index->shift;
		uint64_t b;

		a->bucket = at;
		for (b = 0; b <= last; b++) {
			const uint64_t start = a->start + (b << index->shift);

			while (end_of(&index->slabs[slab]) <= start)
				slab++;
			index->buckets[at++] = (uint32_t)slab;
		}
		while (slab < index->n && end_of(&index->slabs[slab]) <= a->end)
			slab++;
		index->buckets[at++] = (uint32_t)slab;
	}
}

static struct hs_error *make_buckets(struct graph_index *index)
{
	const uint64_t most = (uint64_t)index->n * PER_SLAB + 2 * GRAPH_AREAS;
	uint64_t n;

	find_areas(index);
	index->shift = HEAP_PAGE_SHIFT;
	while ((n = count_buckets(index, index->shift)) > most)
		index->shift++;
	index->buckets = calloc((size_t)n + 1, sizeof(*index->buckets));
	if (!index->buckets)
		return hs_error_nomem();
	index->bytes += (n + 1) * sizeof(*index->buckets);
	fill_buckets(index);
	return NULL;
}

struct hs_error *graph_index_make(const struct heap_regions *regions,
				  const struct heap_ranges *heap,
				  struct graph_index *ret)
{
	struct hs_error *err;

	*ret = (struct graph_index){ 0 };
	err = number_slabs(regions, heap, ret);
	return err ? err : make_buckets(ret);
}

/* --- finding --------------------------------------------------------------- */

static const struct graph_slab *find_slab(const struct graph_index *index,
					  uint64_t address)
{
	const struct graph_area *a = index->areas;
	const struct graph_area *end = a + index->n_areas;
	size_t from, to, at;

	while (a < end && a->end <= address)
		a++;
	if (a == end || address < a->start)
		return NULL;
	at = a->bucket + (size_t)((address - a->start) >> index->shift);
	from = index->buckets[at];
	/* The slab in which a bucket ends is the next one's first. */
	to = index->buckets[at + 1];
	to += to < index->n;
	at = search_sorted(to - from, i,
			   index->slabs[from + i].address <= address);
	return at ? &index->slabs[from + at - 1] : NULL;
}

uint32_t graph_index_find(const struct graph_index *index, uint64_t address,
			  const struct graph_slab **slab)
{
	const struct graph_slab *s = find_slab(index, address);
	uint64_t i;
	uint32_t region;

	if (!s)
		return GRAPH_NONE;
	i = (address - s->address) / s->size;
	if (i >= s->n)
		return GRAPH_NONE;
	region = s->first + (uint32_t)i;
	if (slab)
		*slab = s;
	return graph_bit(index->live, region) ? region : GRAPH_NONE;
}

const struct graph_slab *graph_index_slab(const struct graph_index *index,
					  uint32_t region)
{
	return &index->slabs[search_sorted(index->n, i,
					   index->slabs[i].first <= region) -
			     1];
}

uint64_t graph_index_address(const struct graph_index *index, uint32_t region)
{
	const struct graph_slab *s = graph_index_slab(index, region);

	return s->address + (region - s->first) * s->size;
}

uint64_t graph_index_size(const struct graph_index *index, uint32_t region)
{
	const unsigned class = index->classes[region];

	return class < HEAP_LARGE ? heap_class_size(class)
				  : graph_index_slab(index, region)->size;
}
