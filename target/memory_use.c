#include "target/memory_use.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

enum { PATHS_MAX = 8 }; /* of one kind */

static const char *const kind_names[MEMORY_KINDS] = {
	[MEMORY_STACK] = "stack",
	[MEMORY_CODE] = "code",
	[MEMORY_FILE] = "file",
	[MEMORY_SHARED] = "shared",
	[MEMORY_BRK] = "brk",
	[MEMORY_OTHER] = "other",
	[MEMORY_JEMALLOC] = "jemalloc",
	[MEMORY_MMAP] = "mmap",
	[MEMORY_UNDECIDED] = "undecided",
};

const char *memory_kind_name(enum memory_kind kind)
{
	return kind_names[kind];
}

/* Anonymous mappings that may be jemalloc's. */
struct candidates {
	struct memory_part *items; /* owned */
	size_t n, cap;
	int64_t excess; /* bytes that are not jemalloc's, of all of them */
};

static int64_t total_size(const struct candidates *c)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < c->n; i++)
		sum += c->items[i].size;
	return sum;
}

static void mark_all(struct candidates *c, enum memory_kind kind)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		c->items[i].kind = kind;
}

/* A choice of at most three candidates. */
struct choice {
	size_t at[3];
	size_t n;
	unsigned found; /* different choices with the right sum */
};

static void try_choice(struct choice *best, const size_t *at, size_t n)
{
	if (!best->found++) {
		memcpy(best->at, at, n * sizeof(*at));
		best->n = n;
	}
}

/* Choices of @n of the candidates that are still open, whose sizes are @sum
 * together. */
static void choose(const struct candidates *c, int64_t sum, size_t n,
		   size_t from, size_t *at, size_t depth, struct choice *best)
{
	size_t i;

	for (i = from; i < c->n && best->found < 2; i++) {
		int64_t left = sum - c->items[i].size;

		if (c->items[i].kind != MEMORY_UNDECIDED || left < 0)
			continue;
		at[depth] = i;
		if (depth + 1 < n)
			choose(c, left, n, i + 1, at, depth + 1, best);
		else if (left == 0)
			try_choice(best, at, n);
	}
}

/* The fewest mappings that make up for the excess; true when there is just one
 * way. */
static bool match_excess(struct candidates *c, int64_t excess)
{
	static const size_t most[] = { 0, SIZE_MAX, 2000, 200 };
	struct choice best = { 0 };
	size_t at[3], n, i;

	for (n = 1; n < ARRAY_SIZE(most) && !best.found && excess > 0; n++) {
		if (c->n <= most[n])
			choose(c, excess, n, 0, at, 0, &best);
	}
	if (excess && best.found != 1)
		return false;
	for (i = 0; i < best.n; i++)
		c->items[best.at[i]].kind = MEMORY_MMAP;
	for (i = 0; i < c->n; i++) {
		if (c->items[i].kind == MEMORY_UNDECIDED)
			c->items[i].kind = MEMORY_JEMALLOC;
	}
	return true;
}

/* jemalloc 5 maps no less than a huge page at once (src/base.c, src/pac.c), and
 * keeps what it has. */
static int64_t mark_small(struct candidates *c)
{
	enum { JEMALLOC_MIN = 2 << 20 };
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (c->items[i].size < JEMALLOC_MIN) {
			c->items[i].kind = MEMORY_MMAP;
			sum += c->items[i].size;
		}
	}
	return sum;
}

/* What is jemalloc's of the candidates, which hold @owned bytes of its. */
static void decide(struct candidates *c, int64_t owned)
{
	int64_t excess = total_size(c) - owned, small;

	mark_all(c, MEMORY_UNDECIDED);
	if (owned < 0)
		return;
	if (excess <= 0) {
		mark_all(c, MEMORY_JEMALLOC);
		return;
	}
	small = mark_small(c);
	if (small <= excess && match_excess(c, excess - small))
		return;
	if (small <= excess)
		return;
	mark_all(c, MEMORY_UNDECIDED);
	(void)match_excess(c, excess);
}

static struct hs_error *add_part(struct memory_part **items, size_t *n,
				 size_t *cap, const struct memory_part *part)
{
	if (!ARRAY_GROW(*items, *cap, *n + 1))
		return hs_error_nomem();
	(*items)[(*n)++] = *part;
	return NULL;
}

static struct hs_error *split(const struct usage *u, struct memory *memory,
			      struct candidates *c)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < u->smaps.n && !err; i++) {
		const struct mapping *m = &u->smaps.maps.items[i];
		const struct smap *smap = &u->smaps.items[i];
		const struct memory_part part = {
			.kind = (enum memory_kind)u->kinds[i],
			.path = mapping_has_file(m) ? m->path : "",
			.mappings = 1,
			.size = (int64_t)(m->end - m->start),
			.rss = (int64_t)smap->rss,
			.swap = (int64_t)smap->swap,
		};

		if (u->kinds[i] != USAGE_ANON)
			err = add_part(&memory->items, &memory->n, &memory->cap,
				       &part);
		else if (m->write || smap->rss || smap->swap)
			err = add_part(&c->items, &c->n, &c->cap, &part);
	}
	return err;
}

_Static_assert((int)MEMORY_STACK == (int)USAGE_STACK &&
		       (int)MEMORY_OTHER == (int)USAGE_OTHER,
	       "the kinds that the kernel tells are the same");

static int compare_paths(const void *x, const void *y)
{
	const struct memory_part *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->path, b->path);
}

static int compare_rss(const void *x, const void *y)
{
	const struct memory_part *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->rss != b->rss)
		return a->rss > b->rss ? -1 : 1;
	return strcmp(a->path, b->path);
}

static void add_to(struct memory_part *to, const struct memory_part *part)
{
	to->mappings += part->mappings;
	to->size += part->size;
	to->rss += part->rss;
	to->swap += part->swap;
}

/* One part for each kind and path. */
static void merge_paths(struct memory *memory)
{
	struct memory_part *items = memory->items;
	size_t i, n = 0;

	for (i = 0; i < memory->n; i++) {
		if (n && !compare_paths(&items[n - 1], &items[i]))
			add_to(&items[n - 1], &items[i]);
		else
			items[n++] = items[i];
	}
	memory->n = n;
}

/* Behind the largest of a kind all others are one. */
static void merge_rest(struct memory *memory)
{
	struct memory_part *items = memory->items;
	size_t i, n = 0, of_kind = 0;

	for (i = 0; i < memory->n; i++) {
		if (!n || items[n - 1].kind != items[i].kind)
			of_kind = 0;
		if (of_kind++ <= PATHS_MAX) {
			items[n++] = items[i];
			continue;
		}
		add_to(&items[n - 1], &items[i]);
		items[n - 1].path = "";
	}
	memory->n = n;
}

struct hs_error *memory_make(const struct usage *usage, int64_t owned,
			     struct memory *ret)
{
	struct candidates c = { 0 };
	struct memory memory = { 0 };
	struct hs_error *err;
	size_t i;

	err = split(usage, &memory, &c);
	if (!err)
		decide(&c, owned);
	for (i = 0; i < c.n && !err; i++)
		err = add_part(&memory.items, &memory.n, &memory.cap,
			       &c.items[i]);
	free(c.items);
	if (err) {
		memory_release(&memory);
		return err;
	}
	if (memory.n) {
		qsort(memory.items, memory.n, sizeof(*memory.items),
		      compare_paths);
		merge_paths(&memory);
		qsort(memory.items, memory.n, sizeof(*memory.items),
		      compare_rss);
		merge_rest(&memory);
	}
	*ret = memory;
	return NULL;
}

/* Anonymous pages are in all private mappings that can be written to. */
static void sum_private(const struct usage *u, struct memory_part *part)
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

struct hs_error *memory_make_coarse(const struct usage *usage,
				    const struct status *status,
				    struct memory *ret)
{
	struct memory_part parts[] = {
		{ .kind = MEMORY_FILE, .rss = (int64_t)status->rss_file },
		{ .kind = MEMORY_SHARED, .rss = (int64_t)status->rss_shmem },
		{ .kind = MEMORY_UNDECIDED, .rss = (int64_t)status->rss_anon },
	};
	struct memory memory = { 0 };
	struct hs_error *err = NULL;
	size_t i;

	sum_private(usage, &parts[2]);
	for (i = 0; i < ARRAY_SIZE(parts) && !err; i++) {
		parts[i].path = "";
		if (parts[i].rss)
			err = add_part(&memory.items, &memory.n, &memory.cap,
				       &parts[i]);
	}
	if (err) {
		memory_release(&memory);
		return err;
	}
	*ret = memory;
	return NULL;
}

void memory_release(struct memory *memory)
{
	free(memory->items);
	*memory = (struct memory){ 0 };
}
