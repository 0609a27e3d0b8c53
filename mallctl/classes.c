#include "mallctl/classes.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "heap/large_sizes.h"
#include "mallctl/values.h"

struct hs_error *classes_merged_index(struct session *s, uint64_t *ret,
				      bool *known)
{
	struct hs_error *err;
	int64_t pages, arenas;

	*known = true;
	*ret = MALLCTL_ARENAS_ALL;
	err = mallctl_get_size(s, &pages, "stats.arenas.%d.pactive",
			       MALLCTL_ARENAS_ALL);
	if (err || pages >= 0)
		return err;
	/* Before 5.0 it was the index after the last arena's. */
	err = mallctl_get_unsigned(s, &arenas, "arenas.narenas");
	if (err)
		return err;
	*ret = (uint64_t)arenas;
	*known = false;
	if (arenas < 0)
		return NULL;
	err = mallctl_get_size(s, &pages, "stats.arenas.%" PRIu64 ".pactive",
			       *ret);
	*known = pages >= 0;
	return err;
}

static struct hs_error *add_class(struct heap_stats *to,
				  const struct heap_class *class)
{
	struct heap_class copy = *class;
	int64_t bytes;

	if (class->regions <= 0 && class->slabs <= 0)
		return NULL;
	if (__builtin_mul_overflow(class->size, class->regions, &bytes) ||
	    bytes > HEAP_NUMBER_MAX)
		return NULL;
	if (!ARRAY_GROW(to->classes, to->classes_cap, to->n_classes + 1))
		return hs_error_nomem();
	copy.bytes = heap_large_sizes_bytes(&to->meta, copy.size, copy.regions);
	to->classes[to->n_classes++] = copy;
	return NULL;
}

/* Before 4.0 there were bytes instead of curregs. */
static struct hs_error *bin_regions(struct session *s, uint64_t arena,
				    int64_t bin, int64_t size, int64_t *ret)
{
	struct hs_error *err;
	int64_t bytes;

	err = mallctl_get_size(s, ret,
			       "stats.arenas.%" PRIu64 ".bins.%" PRId64
			       ".curregs",
			       arena, bin);
	if (err || *ret >= 0)
		return err;
	err = mallctl_get_size(s, &bytes,
			       "stats.arenas.%" PRIu64 ".bins.%" PRId64
			       ".allocated",
			       arena, bin);
	*ret = bytes < 0 ? 0 : bytes / size;
	return err;
}

/* Slabs were called runs before 5.0. */
static struct hs_error *bin_slabs(struct session *s, uint64_t arena,
				  int64_t bin, int64_t *ret)
{
	struct hs_error *err;

	err = mallctl_get_size(s, ret,
			       "stats.arenas.%" PRIu64 ".bins.%" PRId64
			       ".curslabs",
			       arena, bin);
	if (err || *ret >= 0)
		return err;
	err = mallctl_get_size(s, ret,
			       "stats.arenas.%" PRIu64 ".bins.%" PRId64
			       ".curruns",
			       arena, bin);
	if (*ret < 0)
		*ret = 0;
	return err;
}

static struct hs_error *read_bin(struct session *s, uint64_t arena, int64_t bin,
				 struct heap_stats *to)
{
	struct heap_class class = { 0 };
	struct hs_error *err;
	int64_t size = -1;

	err = mallctl_get_size(s, &size, "arenas.bin.%" PRId64 ".size", bin);
	if (err || size <= 0)
		return err;
	class.size = (uint64_t)size;
	err = bin_regions(s, arena, bin, size, &class.regions);
	if (!err)
		err = bin_slabs(s, arena, bin, &class.slabs);
	/* Most classes of most arenas are empty. */
	if (!err && (class.slabs || class.regions))
		err = mallctl_get_unsigned(s, &class.capacity,
					   "arenas.bin.%" PRId64 ".nregs", bin);
	return err ? err : add_class(to, &class);
}

/* Large regions; up to 4.5 in two kinds, large and huge. */
static const struct large_kind {
	/* as in the names of values */
	const char *count, *size, *stats, *live, *total;
} large_kinds[] = {
	{ "nlextents", "lextent", "lextents", "curlextents", "large" },
	{ "nlruns", "lrun", "lruns", "curruns", "large" },
	{ "nhchunks", "hchunk", "hchunks", "curhchunks", "huge" },
};

static struct hs_error *read_large(struct session *s, uint64_t arena,
				   const struct large_kind *kind, int64_t i,
				   struct heap_stats *to, int64_t *bytes)
{
	struct heap_class class = { .slabs = -1 };
	struct hs_error *err;
	int64_t size = -1, of_class;

	err = mallctl_get_size(s, &class.regions,
			       "stats.arenas.%" PRIu64 ".%s.%" PRId64 ".%s",
			       arena, kind->stats, i, kind->live);
	if (err || class.regions <= 0)
		return err;
	err = mallctl_get_size(s, &size, "arenas.%s.%" PRId64 ".size",
			       kind->size, i);
	if (err || size <= 0)
		return err;
	class.size = (uint64_t)size;
	/* The target may say what it likes: then the sum is never reached. */
	if (__builtin_mul_overflow(size, class.regions, &of_class) ||
	    __builtin_add_overflow(*bytes, of_class, bytes))
		return NULL;
	return add_class(to, &class);
}

/* Size classes go up to the whole address space, and few have regions: once all
 * bytes of the total are found, no further class has any. */
static struct hs_error *read_kind(struct session *s, uint64_t arena,
				  const struct large_kind *kind,
				  struct heap_stats *to)
{
	int64_t n, i, bytes = 0, total = -1;
	struct hs_error *err;

	err = mallctl_get_unsigned(s, &n, "arenas.%s", kind->count);
	if (!err && n > 0)
		err = mallctl_get_size(s, &total,
				       "stats.arenas.%" PRIu64 ".%s.allocated",
				       arena, kind->total);
	for (i = 0; i < n && bytes != total && !err; i++)
		err = read_large(s, arena, kind, i, to, &bytes);
	return err;
}

struct hs_error *classes_read(struct session *s, uint64_t arena,
			      struct heap_stats *ret)
{
	struct hs_error *err;
	int64_t n, i;
	size_t k;

	err = mallctl_get_unsigned(s, &n, "arenas.nbins");
	for (i = 0; i < n && !err; i++)
		err = read_bin(s, arena, i, ret);
	for (k = 0; k < ARRAY_SIZE(large_kinds) && !err; k++)
		err = read_kind(s, arena, &large_kinds[k], ret);
	return err;
}

static struct hs_error *add_count(struct heap_meta *to, int64_t size,
				  int64_t regions)
{
	bool added;

	if (size <= 0 || regions <= 0)
		return NULL;
	/* One that is none of jemalloc's is left out. */
	return heap_meta_add_class(to, (uint64_t)size, (uint64_t)regions,
				   &added);
}

static struct hs_error *count_bins(struct session *s, uint64_t arena,
				   struct heap_meta *to)
{
	struct hs_error *err;
	int64_t n, i, size, regions;

	err = mallctl_get_unsigned(s, &n, "arenas.nbins");
	for (i = 0; i < n && !err; i++) {
		err = mallctl_get_size(s, &size, "arenas.bin.%" PRId64 ".size",
				       i);
		if (!err && size > 0)
			err = bin_regions(s, arena, i, size, &regions);
		if (!err && size > 0)
			err = add_count(to, size, regions);
	}
	return err;
}

struct hs_error *classes_count(struct session *s, struct heap_meta *meta)
{
	struct heap_stats large = { 0 };
	struct hs_error *err;
	uint64_t arena;
	bool known;
	size_t i;

	err = classes_merged_index(s, &arena, &known);
	if (err || !known)
		return err;
	err = count_bins(s, arena, meta);
	for (i = 0; i < ARRAY_SIZE(large_kinds) && !err; i++)
		err = read_kind(s, arena, &large_kinds[i], &large);
	for (i = 0; i < large.n_classes && !err; i++)
		err = add_count(meta, (int64_t)large.classes[i].size,
				large.classes[i].regions);
	free(large.classes);
	return err;
}

static struct hs_error *read_arena(struct session *s, int64_t page,
				   struct heap_arena *a)
{
	const struct {
		const char *name;
		int64_t *value;
	} rows[] = {
		{ "pactive", &a->active },
		{ "pdirty", &a->dirty },
		{ "pmuzzy", &a->muzzy },
		{ "retained", &a->retained },
	};
	struct hs_error *err;
	int64_t small, large, huge;
	size_t i;

	err = mallctl_get_unsigned(
		s, &a->threads, "stats.arenas.%" PRIu64 ".nthreads", a->index);
	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++)
		err = mallctl_get_size(s, rows[i].value,
				       "stats.arenas.%" PRIu64 ".%s", a->index,
				       rows[i].name);
	a->active = mallctl_pages(a->active, page);
	a->dirty = mallctl_pages(a->dirty, page);
	a->muzzy = mallctl_pages(a->muzzy, page);
	if (!err)
		err = mallctl_get_size(s, &small,
				       "stats.arenas.%" PRIu64
				       ".small.allocated",
				       a->index);
	if (!err)
		err = mallctl_get_size(s, &large,
				       "stats.arenas.%" PRIu64
				       ".large.allocated",
				       a->index);
	if (!err)
		err = mallctl_get_size(s, &huge,
				       "stats.arenas.%" PRIu64
				       ".huge.allocated",
				       a->index);
	if (!err && small >= 0)
		a->allocated =
			small + (large > 0 ? large : 0) + (huge > 0 ? huge : 0);
	return err;
}

struct hs_error *arenas_read(struct session *s, struct heap_stats *ret)
{
	struct hs_error *err;
	int64_t n = 0, page = 0, i;

	err = mallctl_get_unsigned(s, &n, "arenas.narenas");
	if (!err)
		err = mallctl_get_size(s, &page, "arenas.page");
	for (i = 0; i < n && !err; i++) {
		struct heap_arena a = { (uint64_t)i, -1, -1, -1, -1, -1, -1 };

		err = read_arena(s, page, &a);
		if (err || a.active < 0) /* not made yet */
			continue;
		if (!ARRAY_GROW(ret->arenas, ret->arenas_cap,
				ret->n_arenas + 1))
			return hs_error_nomem();
		ret->arenas[ret->n_arenas++] = a;
	}
	return err;
}
