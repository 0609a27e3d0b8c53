#include "target/heap_regions.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/search.h"

enum {
	PAGE = 1 << HEAP_PAGE_SHIFT,
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
	heap_ranges_release(&regions->extents);
	*regions = (struct heap_regions){ 0 };
}

/* --- reading --------------------------------------------------------------- */

struct reader {
	const struct heap_tree *tree;
	struct heap_regions *regions;
	size_t max;
	uint64_t end;  /* of the last extent that is kept, */
	uint64_t last; /* and its record */
	bool full;     /* there are more than max */
	bool padded;   /* large allocations have a page more than their size */
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

/*
 * Since 5.3.1 a large allocation has as many pages as it needs, which may be
 * fewer than those of its size class, and more than those of the one below
 * (include/jemalloc/internal/edata.h, edata_usize_get()). It has one more that
 * is not its own, since it may begin anywhere in its first one, unless that was
 * switched off (opt.cache_oblivious). Whether it was, those tell that begin
 * elsewhere: until all are read, that page counts as the allocation's.
 */
static bool large_of_extent(const struct heap_extent *e, struct heap_slab *ret)
{
	const uint64_t size = heap_class_size(e->szind);
	const bool padded = e->start != e->address;

	ret->address = e->start;
	ret->n = 1;
	ret->size = e->size;
	if (e->szind >= HEAP_LARGE)
		return e->size - (padded ? PAGE : 0) >
		       heap_class_size(e->szind - 1);
	/* A small one that the profiler samples. */
	ret->size = size;
	return size <= e->size - (e->start - e->address);
}

/* That has one with the size of its extent. */
static bool shows_padding(const struct heap_slab *slab)
{
	return slab->szind >= HEAP_LARGE &&
	       (slab->address % PAGE ||
		slab->size > heap_class_size(slab->szind));
}

/* Gives it its own size, when all is known. */
static void settle_large(struct heap_slab *slab, bool padded)
{
	const uint64_t most = heap_class_size(slab->szind);

	if (padded && slab->size - PAGE > heap_class_size(slab->szind - 1))
		slab->size -= PAGE;
	if (slab->size > most)
		slab->size = most;
}

/* False: the record contradicts itself. */
static bool slab_of_extent(const struct heap_extent *e, struct heap_slab *ret)
{
	const uint64_t size = heap_class_size(e->szind);

	*ret = (struct heap_slab){ .szind = (uint16_t)e->szind };
	if (!size || e->state != HEAP_EXTENT_ACTIVE)
		return false;
	if (!e->slab)
		return large_of_extent(e, ret);
	ret->address = e->start;
	ret->size = size;
	if (size > e->size || e->start != e->address ||
	    e->size / size > HEAP_SLAB_REGIONS)
		return false;
	ret->n = (uint16_t)(e->size / size);
	memcpy(ret->free, e->free, sizeof(ret->free));
	return count_free(ret->free, ret->n) == e->nfree &&
	       !has_rest(ret->free, ret->n);
}

static void keep(struct reader *r, const struct heap_extent *e,
		 const struct heap_slab *slab)
{
	struct heap_regions *to = r->regions;

	if (!ARRAY_GROW(to->slabs, to->cap, to->n + 1)) {
		r->err = hs_error_nomem();
		return;
	}
	to->slabs[to->n++] = *slab;
	r->end = e->address + e->size;
	r->last = e->edata;
	r->padded |= shows_padding(slab);
}

static void settle(struct reader *r)
{
	struct heap_regions *to = r->regions;
	size_t i;

	for (i = 0; i < to->n; i++) {
		struct heap_slab *slab = &to->slabs[i];
		struct heap_class_use *use = &to->classes[slab->szind];
		const unsigned live = slab->n - count_free(slab->free, slab->n);

		if (slab->szind >= HEAP_LARGE)
			settle_large(slab, r->padded);
		use->live += live;
		use->live_bytes += live * slab->size;
	}
}

/* Those that follow each other are one range. */
static void keep_range(struct reader *r, const struct heap_extent *e)
{
	struct heap_ranges *all = &r->regions->extents;
	uint64_t start = e->address;

	if (all->n && all->items[all->n - 1].end > start)
		start = all->items[all->n - 1].end;
	if (e->address + e->size > start)
		r->err = heap_ranges_add(all, start, e->address + e->size);
}

static bool read_extent(void *arg, const struct heap_extent *extent)
{
	struct reader *r = arg;
	struct heap_extent e = *extent;
	struct heap_slab slab;
	bool right;
	unsigned i;

	keep_range(r, &e);
	if (r->err || e.state != HEAP_EXTENT_ACTIVE)
		return !r->err;
	/* It is in two ranges, with a page between that cannot be written. */
	if (e.edata == r->last && e.address < r->end)
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
	if (right && e.address >= r->end)
		keep(r, &e, &slab);
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
	settle(&r);
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
	uint64_t offset;

	if (!at)
		return false;
	slab = &regions->slabs[at - 1];
	offset = address - slab->address;
	if (offset / slab->size >= slab->n || (!inside && offset % slab->size))
		return false;
	*ret = (struct heap_region){ at - 1, (unsigned)(offset / slab->size) };
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
	struct heap_class_use *use = &regions->classes[slab->szind];

	slab->free[region->i / 64] |= UINT64_C(1) << region->i % 64;
	use->live--;
	use->live_bytes -= slab->size;
	use->cached++;
	use->cached_bytes += slab->size;
}
