#include "target/heap_use.h"

#include <stdlib.h>

#include "base/cleanup.h"

void heap_use_release(struct heap_use *use)
{
	free(use->shares);
	*use = (struct heap_use){ 0 };
}

/* The bss of a file is anonymous, and directly follows its data. */
static bool follows(const struct mapping *m, const struct heap_ranges *r)
{
	return r->n && m->start == r->items[r->n - 1].end && !m->path[0];
}

struct hs_error *heap_use_data(const struct maps *maps,
			       const struct mapping *first,
			       struct heap_ranges *ret)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < maps->n && !err; i++) {
		const struct mapping *m = &maps->items[i];

		if (m->write && !m->shared &&
		    (mapping_same_file(m, first) || follows(m, ret)))
			err = heap_ranges_add(ret, m->start, m->end);
	}
	return err;
}

/* --- counting -------------------------------------------------------------- */

struct counter {
	const struct smaps *smaps;
	const struct heap_tree *tree;
	struct heap_use *use;
	uint64_t at, end; /* what is left of the range that is walked */
	size_t mapping;	  /* the one that holds at, or one before it */
};

/* [start, end) is of @kind; both are in mappings that follow each other. */
static void count(struct counter *c, uint64_t start, uint64_t end,
		  unsigned kind)
{
	const struct smaps *s = c->smaps;

	while (start < end) {
		struct heap_share *share;
		uint64_t to;

		while (s->maps.items[c->mapping].end <= start)
			c->mapping++;
		to = s->maps.items[c->mapping].end;
		to = to < end ? to : end;
		share = &c->use->shares[c->mapping];
		share->size += to - start;
		share->pages[kind] += smaps_pages_in(s, c->mapping, start, to);
		start = to;
	}
}

/* No extent is in [at, end): jemalloc's own data may be. */
static void count_gap(struct counter *c, uint64_t end)
{
	const uint64_t step = HEAP_BASE_ALIGNMENT;
	uint64_t at = (c->at + step - 1) / step * step, size;

	for (; at < end && end - at >= step; at += size ? size : step) {
		size = heap_tree_base_block(c->tree, at);
		if (size > end - at)
			size = 0;
		count(c, at, at + size, HEAP_USE_OWN);
	}
	c->at = end;
}

static bool count_extent(void *arg, const struct heap_extent *e)
{
	struct counter *c = arg;
	uint64_t end = e->address + e->size;

	if (e->address > c->at)
		count_gap(c, e->address);
	if (end > c->end)
		end = c->end;
	if (end > c->at)
		count(c, c->at, end, e->state);
	if (end > c->at)
		c->at = end;
	return true;
}

/* An allocator's memory may follow a bss or be of brk(2) (opt.dss). */
static bool may_be_heap(const struct usage *u, size_t i)
{
	const struct mapping *m = &u->smaps.maps.items[i];

	return u->smaps.items[i].pages && m->write && !m->shared &&
	       u->kinds[i] != USAGE_STACK;
}

static struct hs_error *find_heap(const struct usage *u,
				  struct heap_ranges *ret)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < u->smaps.n && !err; i++) {
		const struct mapping *m = &u->smaps.maps.items[i];

		if (may_be_heap(u, i))
			err = heap_ranges_add(ret, m->start, m->end);
	}
	return err;
}

/* Sums up bytes. Of pages of zeros, which are no memory in use, every part of a
 * mapping is taken to have the same share. */
static void sum_up(const struct smaps *s, struct heap_use *use)
{
	size_t i, kind;

	for (i = 0; i < s->n; i++) {
		struct heap_share *share = &use->shares[i];
		uint64_t pages = 0, rss;

		use->size += share->size;
		for (kind = 0; kind < HEAP_USE_KINDS && s->items[i].n_set;
		     kind++) {
			pages += share->pages[kind];
			rss = (uint64_t)((unsigned __int128)s->items[i].rss *
					 pages / s->items[i].n_set);
			use->rss[kind] += rss - share->rss;
			share->rss = rss;
		}
	}
}

static struct hs_error *count_all(const struct heap_tree *tree,
				  const struct heap_ranges *heap,
				  const struct smaps *smaps,
				  struct heap_use *use, bool *whole)
{
	struct counter c = { .smaps = smaps, .tree = tree, .use = use };
	struct heap_walk walk = {
		.left = HEAP_WALK_READS,
		.again = HEAP_WALK_AGAIN,
	};
	struct hs_error *err = NULL;
	size_t i;

	use->shares = calloc(smaps->n + 1, sizeof(*use->shares));
	if (!use->shares)
		return hs_error_nomem();
	for (i = 0; i < heap->n && !err && walk.left; i++) {
		c.at = heap->items[i].start;
		c.end = heap->items[i].end;
		err = heap_tree_walk(tree, &heap->items[i], count_extent, &c,
				     &walk);
		if (c.at < c.end)
			count_gap(&c, c.end);
	}
	sum_up(smaps, use);
	*whole = walk.left;
	return err;
}

struct hs_error *heap_use_read(const struct memory_source *memory,
			       const struct heap_ranges *data,
			       const struct usage *usage, struct heap_use *ret,
			       bool *found)
{
	hs_cleanup(heap_ranges_release) struct heap_ranges heap = { 0 };
	struct heap_use use = { 0 };
	struct heap_tree tree;
	struct hs_error *err;

	*found = false;
	err = find_heap(usage, &heap);
	if (!err)
		err = heap_tree_find(memory, data, &heap, &tree, found);
	if (!err && *found)
		err = count_all(&tree, &heap, &usage->smaps, &use, found);
	if (err || !*found)
		heap_use_release(&use);
	else
		use.tree = (struct heap_tree){ .layout = tree.layout,
					       .root = tree.root };
	*ret = use;
	return err;
}
