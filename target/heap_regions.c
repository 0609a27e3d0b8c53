#include "target/heap_regions.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/search.h"

enum {
	REREADS = 3,	      /* of a record that changes meanwhile */
	UNCLEAR_PER_MAX = 20, /* one in so many is too many */
};

uint64_t heap_class_size(unsigned szind)
{
	enum { TINY = 8, STEP = 16, FIRST_GROUP = 9, PER_GROUP = 4 };
	unsigned group;

	if (szind >= HEAP_CLASSES)
		return 0;
	if (!szind)
		return TINY;
	if (szind < FIRST_GROUP)
		return (uint64_t)STEP * szind;
	/* Four to each doubling: 160, 192, 224, 256; 320, ... */
	group = (szind - FIRST_GROUP) / PER_GROUP;
	return (UINT64_C(128) << group) +
	       (UINT64_C(32) << group) *
		       ((szind - FIRST_GROUP) % PER_GROUP + 1);
}

void heap_regions_release(struct heap_regions *regions)
{
	free(regions->slabs);
	*regions = (struct heap_regions){ 0 };
}

/* --- reading --------------------------------------------------------------- */

struct reader {
	const struct heap_tree *tree;
	struct heap_regions *regions;
	size_t max;
	bool full; /* there are more than max */
	struct hs_error *err;
};

static unsigned count_free(const uint64_t *free, unsigned n)
{
	unsigned i, sum = 0;

	for (i = 0; i < n; i++)
		sum += free[i / 64] >> i % 64 & 1;
	return sum;
}

/* Bits behind the last region, in its word, are never set (src/bitmap.c). */
static bool has_rest(const uint64_t *free, unsigned n)
{
	return n % 64 && free[n / 64] >> n % 64;
}

/* False: the record contradicts itself. */
static bool slab_of_extent(const struct heap_extent *e, struct heap_slab *ret)
{
	const uint64_t size = heap_class_size(e->szind);

	*ret = (struct heap_slab){ .szind = (uint16_t)e->szind, .n = 1 };
	if (!size || e->state != HEAP_EXTENT_ACTIVE || size > e->size)
		return false;
	ret->address = e->start;
	if (!e->slab)
		return e->start - e->address <= e->size - size;
	if (e->start != e->address || e->size / size > HEAP_SLAB_REGIONS)
		return false;
	ret->n = (uint16_t)(e->size / size);
	memcpy(ret->free, e->free, sizeof(ret->free));
	return count_free(ret->free, ret->n) == e->nfree &&
	       !has_rest(ret->free, ret->n);
}

static bool is_behind(const struct heap_regions *r, const struct heap_extent *e)
{
	const struct heap_slab *last;

	if (!r->n)
		return true;
	last = &r->slabs[r->n - 1];
	return e->address >= last->address &&
	       (e->address - last->address) / last->n >=
		       heap_class_size(last->szind);
}

static void keep(struct reader *r, const struct heap_slab *slab)
{
	struct heap_regions *to = r->regions;

	if (!ARRAY_GROW(to->slabs, to->cap, to->n + 1)) {
		r->err = hs_error_nomem();
		return;
	}
	to->slabs[to->n++] = *slab;
	to->classes[slab->szind].live +=
		slab->n - count_free(slab->free, slab->n);
}

static bool read_extent(void *arg, const struct heap_extent *extent)
{
	struct reader *r = arg;
	struct heap_extent e = *extent;
	struct heap_slab slab;
	bool right;
	unsigned i;

	if (e.state != HEAP_EXTENT_ACTIVE)
		return true;
	if (r->regions->n == r->max) {
		r->full = true;
		return false;
	}
	/* The process allocates meanwhile, and sets a bit before it counts. */
	right = slab_of_extent(&e, &slab);
	for (i = 0; i < REREADS && !right; i++)
		right = heap_tree_reread(r->tree, &e) &&
			slab_of_extent(&e, &slab);
	if (right && is_behind(r->regions, &e))
		keep(r, &slab);
	else
		r->regions->unclear++;
	return !r->err;
}

static struct hs_error *check_regions(const struct heap_regions *r)
{
	if (r->unclear * UNCLEAR_PER_MAX <= r->n + r->unclear)
		return NULL;
	return hs_error_new(HS_ERROR_NOT_FOUND,
			    "%zu of %zu records of jemalloc contradict "
			    "themselves: it is laid out in another way",
			    r->unclear, r->n + r->unclear);
}

struct hs_error *heap_regions_read(const struct heap_tree *tree,
				   const struct heap_ranges *heap, size_t max,
				   struct heap_regions *ret, bool *whole)
{
	struct reader r = { .tree = tree, .regions = ret, .max = max };
	struct heap_walk walk = {
		.left = HEAP_WALK_READS,
		.again = HEAP_WALK_AGAIN,
	};
	struct hs_error *err = NULL;
	size_t i;

	*ret = (struct heap_regions){ 0 };
	for (i = 0; i < heap->n && !err && !r.full && walk.left; i++) {
		err = heap_tree_walk(tree, &heap->items[i], read_extent, &r,
				     &walk);
		err = hs_error_join(r.err, err);
	}
	*whole = !r.full && walk.left;
	return err ? err : check_regions(ret);
}

/* --- finding --------------------------------------------------------------- */

bool heap_regions_find(const struct heap_regions *regions, uint64_t address,
		       bool inside, struct heap_region *ret)
{
	size_t at = search_sorted(regions->n, i,
				  regions->slabs[i].address <= address);
	const struct heap_slab *slab;
	uint64_t size, offset;

	if (!at)
		return false;
	slab = &regions->slabs[at - 1];
	size = heap_class_size(slab->szind);
	offset = address - slab->address;
	if (offset / size >= slab->n || (!inside && offset % size))
		return false;
	*ret = (struct heap_region){ at - 1, (unsigned)(offset / size) };
	return true;
}

bool heap_region_live(const struct heap_regions *regions,
		      const struct heap_region *region)
{
	const uint64_t *free = regions->slabs[region->slab].free;

	return !(free[region->i / 64] >> region->i % 64 & 1);
}

void heap_regions_take_cached(struct heap_regions *regions,
			      const struct heap_region *region)
{
	struct heap_slab *slab = &regions->slabs[region->slab];

	slab->free[region->i / 64] |= UINT64_C(1) << region->i % 64;
	regions->classes[slab->szind].live--;
	regions->classes[slab->szind].cached++;
}
