#include "target/memory_use.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "heap/memory_part.h"

enum { PATHS_MAX = 8 }; /* of one kind */

/* As far as the kernel knows. */
static const enum heap_memory_kind kinds[] = {
	[USAGE_STACK] = HEAP_MEMORY_STACK,
	[USAGE_CODE] = HEAP_MEMORY_CODE,
	[USAGE_FILE] = HEAP_MEMORY_FILE,
	[USAGE_SHARED] = HEAP_MEMORY_SHARED,
	[USAGE_BRK] = HEAP_MEMORY_BRK,
	[USAGE_OTHER] = HEAP_MEMORY_OTHER,
	[USAGE_ANON] = HEAP_MEMORY_UNDECIDED,
};

/* The paths are borrowed. */
struct parts {
	struct heap_memory *items; /* owned */
	size_t n, cap;
};

static void parts_release(struct parts *parts)
{
	free(parts->items);
}

static int64_t total_size(const struct parts *c)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < c->n; i++)
		sum += c->items[i].size;
	return sum;
}

static void mark_all(struct parts *c, enum heap_memory_kind kind)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		c->items[i].kind = kind;
}

enum { CHOICE_MAX = 3 };

/* A search for @n of the undecided mappings that have a given total size. */
struct choice {
	const struct parts *from;
	size_t n;
	size_t at[CHOICE_MAX];	 /* those being tried */
	size_t best[CHOICE_MAX]; /* the first ones with the right sum */
	unsigned found;		 /* different ones with the right sum */
};

/* Chooses the rest, from @first on: @depth are chosen already, and the rest
 * must have @sum bytes. */
static void choose(struct choice *c, int64_t sum, size_t first, size_t depth)
{
	size_t i;

	for (i = first; i < c->from->n && c->found < 2; i++) {
		int64_t left = sum - c->from->items[i].size;

		if (c->from->items[i].kind != HEAP_MEMORY_UNDECIDED || left < 0)
			continue;
		c->at[depth] = i;
		if (depth + 1 < c->n)
			choose(c, left, i + 1, depth + 1);
		else if (left == 0 && !c->found++)
			memcpy(c->best, c->at, sizeof(c->best));
	}
}

/* Finds the fewest mappings with @excess bytes in all: these are not
 * jemalloc's, and the others are. False when there is no such set or more than
 * one (@excess 0: the empty set). */
static bool match_excess(struct parts *c, int64_t excess)
{
	static const size_t most[CHOICE_MAX + 1] = { 0, SIZE_MAX, 2000, 200 };
	struct choice choice = { .from = c };
	size_t i;

	while (choice.n < CHOICE_MAX && !choice.found && excess > 0) {
		choice.n++;
		if (c->n <= most[choice.n])
			choose(&choice, excess, 0, 0);
	}
	if (excess && choice.found != 1)
		return false;
	for (i = 0; i < choice.n; i++)
		c->items[choice.best[i]].kind = HEAP_MEMORY_MMAP;
	for (i = 0; i < c->n; i++) {
		if (c->items[i].kind == HEAP_MEMORY_UNDECIDED)
			c->items[i].kind = HEAP_MEMORY_JEMALLOC;
	}
	return true;
}

/* Marks the mappings that are too small for jemalloc: version 5 maps no less
 * than a huge page at once (src/base.c, src/pac.c), and keeps what it has
 * mapped. */
static int64_t mark_small(struct parts *c)
{
	enum { JEMALLOC_MIN = 2 << 20 };
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (c->items[i].size < JEMALLOC_MIN) {
			c->items[i].kind = HEAP_MEMORY_MMAP;
			sum += c->items[i].size;
		}
	}
	return sum;
}

/* Decides which of the mappings are jemalloc's, which holds @owned bytes. */
static void decide(struct parts *c, int64_t owned)
{
	int64_t excess = total_size(c) - owned, small;

	mark_all(c, HEAP_MEMORY_UNDECIDED);
	if (owned < 0)
		return;
	if (excess <= 0) {
		mark_all(c, HEAP_MEMORY_JEMALLOC);
		return;
	}
	small = mark_small(c);
	if (small <= excess && match_excess(c, excess - small))
		return;
	if (small <= excess)
		return;
	mark_all(c, HEAP_MEMORY_UNDECIDED);
	(void)match_excess(c, excess);
}

static struct hs_error *add_part(struct parts *to,
				 const struct heap_memory *part)
{
	if (!ARRAY_GROW(to->items, to->cap, to->n + 1))
		return hs_error_nomem();
	to->items[to->n++] = *part;
	return NULL;
}

/* What a byte that is mapped more than once counts: anonymous, of a file, of
 * shared memory. Of each kind all bytes count the same, since only their sum is
 * known. */
struct rates {
	double anon, file, shmem;
};

static double rate_of(uint64_t pss, uint64_t alone, uint64_t shared)
{
	double rate;

	if (!shared || pss <= alone)
		return 0;
	rate = (double)(pss - alone) / (double)shared;
	return rate < 1 ? rate : 1;
}

static struct rates find_rates(const struct usage *u)
{
	uint64_t alone[3] = { 0 }, shared[3] = { 0 };
	size_t i;

	for (i = 0; i < u->smaps.n && u->pss; i++) {
		const struct smap *s = &u->smaps.items[i];
		const size_t file = u->kinds[i] == USAGE_SHARED ? 2 : 1;

		alone[0] += s->anonymous - s->anon_shared;
		shared[0] += s->anon_shared;
		alone[file] += s->rss - s->anonymous - s->file_shared;
		shared[file] += s->file_shared;
	}
	if (!u->pss)
		return (struct rates){ 0 };
	return (struct rates){
		.anon = rate_of(u->pss->anon, alone[0], shared[0]),
		.file = rate_of(u->pss->file, alone[1], shared[1]),
		.shmem = rate_of(u->pss->shmem, alone[2], shared[2]),
	};
}

static int64_t part_pss(const struct usage *u, size_t i,
			const struct rates *rates)
{
	const struct smap *s = &u->smaps.items[i];
	double rate = u->kinds[i] == USAGE_SHARED ? rates->shmem : rates->file;

	return (int64_t)(s->rss - s->anon_shared - s->file_shared) +
	       (int64_t)(rates->anon * (double)s->anon_shared) +
	       (int64_t)(rate * (double)s->file_shared);
}

static struct heap_memory whole_part(const struct usage *u, size_t i,
				     const struct rates *rates)
{
	const struct mapping *m = &u->smaps.maps.items[i];
	const struct smap *smap = &u->smaps.items[i];

	return (struct heap_memory){
		.kind = kinds[u->kinds[i]],
		.path = mapping_has_file(m) ? m->path : NULL,
		.mappings = 1,
		.size = (int64_t)(m->end - m->start),
		.rss = (int64_t)smap->rss,
		.swap = (int64_t)smap->swap,
		.pss = u->pss ? part_pss(u, i, rates) : 0,
	};
}

/* Takes jemalloc's @share away from @part. */
static struct heap_memory take_share(struct heap_memory *part,
				     const struct heap_share *share)
{
	struct heap_memory taken = {
		.kind = HEAP_MEMORY_JEMALLOC,
		.mappings = 1,
		.size = (int64_t)share->size,
		.rss = (int64_t)share->rss,
	};

	taken.swap = (int64_t)((__int128)part->swap * taken.size / part->size);
	if (part->rss)
		taken.pss =
			(int64_t)((__int128)part->pss * taken.rss / part->rss);
	part->size -= taken.size;
	part->rss -= taken.rss;
	part->swap -= taken.swap;
	part->pss -= taken.pss;
	return taken;
}

/* @anon: mappings that may be jemalloc's, @parts: all others and what is known
 * to be its. */
static struct hs_error *split(const struct usage *u,
			      const struct heap_use *heap, struct parts *parts,
			      struct parts *anon)
{
	const struct rates rates = find_rates(u);
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < u->smaps.n && !err; i++) {
		struct heap_memory part = whole_part(u, i, &rates);

		if (heap && heap->shares[i].size) {
			struct heap_memory taken =
				take_share(&part, &heap->shares[i]);

			err = add_part(parts, &taken);
			if (!part.size)
				continue;
		}
		if (err)
			break;
		if (u->kinds[i] != USAGE_ANON)
			err = add_part(parts, &part);
		else if (u->smaps.maps.items[i].write || part.rss || part.swap)
			err = add_part(anon, &part);
	}
	return err;
}

/* jemalloc's records describe all that it holds, but for what it got since.
 * They do not with opt.hpa, where huge pages have records of their own. */
static bool is_complete(const struct heap_use *heap, int64_t owned)
{
	enum { FEW = 4 << 20 };
	int64_t missing = owned - (int64_t)heap->size;

	return owned >= 0 && (missing <= FEW || missing <= owned / 50);
}

static void set_states(const struct heap_use *heap, struct heap_meta *o)
{
	const uint64_t *rss = heap->rss;

	o->active_rss = (int64_t)rss[HEAP_EXTENT_ACTIVE];
	o->dirty_rss =
		(int64_t)(rss[HEAP_EXTENT_DIRTY] + rss[HEAP_EXTENT_MOVING]);
	o->muzzy_rss = (int64_t)rss[HEAP_EXTENT_MUZZY];
	o->retained_rss = (int64_t)rss[HEAP_EXTENT_RETAINED];
	o->metadata_rss = (int64_t)rss[HEAP_USE_OWN];
}

/* NULL comes first. */
static int compare_path(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_paths(const void *x, const void *y)
{
	const struct heap_memory *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return compare_path(a->path, b->path);
}

static int compare_rss(const void *x, const void *y)
{
	const struct heap_memory *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->rss != b->rss)
		return a->rss > b->rss ? -1 : 1;
	return compare_path(a->path, b->path);
}

/* One part for each kind and path. */
static void merge_paths(struct parts *parts)
{
	struct heap_memory *items = parts->items;
	size_t i, n = 0;

	for (i = 0; i < parts->n; i++) {
		if (n && !compare_paths(&items[n - 1], &items[i]))
			heap_memory_add(&items[n - 1], &items[i]);
		else
			items[n++] = items[i];
	}
	parts->n = n;
}

/* Merges all but the largest parts of each kind into one. */
static void merge_rest(struct parts *parts)
{
	struct heap_memory *items = parts->items;
	size_t i, n = 0, of_kind = 0;

	for (i = 0; i < parts->n; i++) {
		if (!n || items[n - 1].kind != items[i].kind)
			of_kind = 0;
		if (of_kind++ <= PATHS_MAX) {
			items[n++] = items[i];
			continue;
		}
		heap_memory_add(&items[n - 1], &items[i]);
		items[n - 1].path = NULL;
	}
	parts->n = n;
}

/* Sorts and sums up. */
static void merge(struct parts *parts)
{
	if (!parts->n)
		return;
	qsort(parts->items, parts->n, sizeof(*parts->items), compare_paths);
	merge_paths(parts);
	qsort(parts->items, parts->n, sizeof(*parts->items), compare_rss);
	merge_rest(parts);
}

struct hs_error *memory_use_add(const struct usage *usage,
				const struct heap_use *heap,
				struct heap_meta *o)
{
	hs_cleanup(parts_release) struct parts parts = { 0 }, anon = { 0 };
	struct hs_error *err;
	size_t i;

	if (heap && !is_complete(heap, o->owned))
		heap = NULL;
	err = split(usage, heap, &parts, &anon);
	if (heap) {
		mark_all(&anon, HEAP_MEMORY_MMAP);
		set_states(heap, o);
	} else {
		decide(&anon, o->owned);
	}
	for (i = 0; i < anon.n && !err; i++)
		err = add_part(&parts, &anon.items[i]);
	if (!err)
		merge(&parts);
	if (usage->pss && !err)
		o->pss = 0;
	for (i = 0; i < parts.n && !err; i++) {
		err = heap_meta_add_memory(o, &parts.items[i]);
		if (usage->pss)
			o->pss += parts.items[i].pss;
	}
	return err;
}

/* Anonymous pages are in all private mappings that can be written to. */
static void sum_private(const struct usage *u, struct heap_memory *part)
{
	size_t i;

	for (i = 0; i < u->smaps.n; i++) {
		const struct mapping *m = &u->smaps.maps.items[i];

		if (m->shared || !m->write)
			continue;
		part->mappings++;
		part->size += (int64_t)(m->end - m->start);
	}
}

struct hs_error *memory_use_add_coarse(const struct usage *usage,
				       const struct status *status,
				       struct heap_meta *o)
{
	struct heap_memory parts[] = {
		{ .kind = HEAP_MEMORY_FILE, .rss = (int64_t)status->rss_file },
		{ .kind = HEAP_MEMORY_SHARED,
		  .rss = (int64_t)status->rss_shmem },
		{ .kind = HEAP_MEMORY_UNDECIDED,
		  .rss = (int64_t)status->rss_anon },
	};
	struct hs_error *err = NULL;
	size_t i;

	sum_private(usage, &parts[2]);
	for (i = 0; i < ARRAY_SIZE(parts) && !err; i++) {
		if (parts[i].rss)
			err = heap_meta_add_memory(o, &parts[i]);
	}
	return err;
}
