#include "target/heap_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/search.h"

enum {
	PIECE = 64 << 10, /* bytes read at once */
	WORD = 8,
	CACHE_PAGES = 1024, /* records of 32,000 extents: 4 MiB at most */
	CACHE_PAGE = 4096,
	NODE_ALIGNMENT = 64, /* a cache line, src/base.c */
	WORDS_MAX = 1 << 20, /* non-zero words of the data */
	KEYS_MAX = 1024,     /* in how many places of the root to look */
	ROOTS_MAX = 64,	     /* that are looked at closely */
	CHECKED_MAX = 200,   /* entries that are compared with records */
	CHECKED_MIN = 8,
	CHECKED_AGAIN = 16, /* that a busy process may have changed */
	RIGHT_PERCENT = 95,
};

/* --- ranges ---------------------------------------------------------------- */

struct hs_error *heap_ranges_add(struct heap_ranges *r, uint64_t start,
				 uint64_t end)
{
	if (r->n && r->items[r->n - 1].end == start) {
		r->items[r->n - 1].end = end;
		return NULL;
	}
	if (!ARRAY_GROW(r->items, r->cap, r->n + 1))
		return hs_error_nomem();
	r->items[r->n++] = (struct heap_range){ start, end };
	return NULL;
}

void heap_ranges_release(struct heap_ranges *ranges)
{
	free(ranges->items);
	*ranges = (struct heap_ranges){ 0 };
}

static const struct heap_range *find_range(const struct heap_ranges *r,
					   uint64_t address)
{
	size_t at = search_sorted(r->n, i, r->items[i].end <= address);

	return at < r->n && r->items[at].start <= address ? &r->items[at]
							  : NULL;
}

/* --- entries --------------------------------------------------------------- */

/* Records lie next to each other, so pages of them are kept. */
struct cache {
	uint64_t address[CACHE_PAGES]; /* of a page; 0: none */
	char bytes[CACHE_PAGES][CACHE_PAGE];
};

struct walker {
	const struct heap_tree *tree;
	struct cache *cache; /* owned */
	char *piece;	     /* owned; PIECE bytes */
	struct heap_walk *walk;
	uint64_t last; /* the record that was met last */
	heap_extent_fn *fn;
	void *arg;
};

static void walker_release(struct walker *w)
{
	free(w->cache);
	free(w->piece);
}

/* A page of a record; NULL when it cannot be read. */
static const char *cached(struct walker *w, uint64_t page)
{
	size_t slot = page / CACHE_PAGE % CACHE_PAGES;
	const struct memory_source *m = &w->tree->memory;

	if (w->cache->address[slot] == page)
		return w->cache->bytes[slot];
	if (!page || !w->walk->left)
		return NULL;
	w->walk->left--;
	w->cache->address[slot] = 0;
	if (!m->read(m->arg, page, w->cache->bytes[slot], CACHE_PAGE))
		return NULL;
	w->cache->address[slot] = page;
	return w->cache->bytes[slot];
}

/* A record may begin in one page and end in the next. */
static bool read_record(struct walker *w, uint64_t at, uint64_t *words)
{
	char *to = (char *)words;
	size_t left = HEAP_EDATA_BYTES, now;

	if (at % WORD || at > UINT64_MAX - left)
		return false;
	for (; left; left -= now, at += now, to += now) {
		const uint64_t offset = at % CACHE_PAGE;
		const char *page = cached(w, at - offset);

		now = CACHE_PAGE - offset < left ? CACHE_PAGE - offset : left;
		if (!page)
			return false;
		memcpy(to, page + offset, now);
	}
	return true;
}

/* The extent of the entry @leaf for @page; false when the two differ. */
static bool entry_extent(struct walker *w, const struct heap_leaf *leaf,
			 uint64_t page, struct heap_extent *ret)
{
	uint64_t words[HEAP_EDATA_BYTES / WORD];

	if (!read_record(w, leaf->edata, words) ||
	    !heap_layout_extent(w->tree->layout, words, ret))
		return false;
	ret->edata = leaf->edata;
	if (page < ret->address || page - ret->address >= ret->size)
		return false;
	return ret->state != HEAP_EXTENT_ACTIVE ||
	       (ret->szind == leaf->szind && ret->slab == leaf->slab);
}

/* False: no more are wanted. */
static bool walk_entry(struct walker *w, uint64_t page, const uint64_t *words)
{
	const struct heap_leaf leaf = heap_layout_leaf(w->tree->layout, words);
	struct heap_extent extent;

	if (!leaf.edata || leaf.edata == w->last ||
	    (leaf.slab && w->walk->no_slabs))
		return true;
	if (!entry_extent(w, &leaf, page, &extent)) {
		w->walk->bad++;
		return w->walk->left;
	}
	w->last = leaf.edata;
	w->walk->extents++;
	return w->fn(w->arg, &extent);
}

/* The bytes of addresses that an element of the lowest level but @up has. */
static uint64_t span_of(const struct heap_layout *layout, unsigned up)
{
	return UINT64_C(1) << (HEAP_PAGE_SHIFT + up * layout->bits);
}

/* The array of the lowest level with the entry for @address; 0: none. */
static uint64_t find_leaf(const struct heap_tree *tree, uint64_t address)
{
	const struct heap_layout *l = tree->layout;
	const uint64_t mask = (UINT64_C(1) << l->bits) - 1;
	uint64_t node = tree->root;
	unsigned up;

	for (up = l->levels - 1; up && node; up--) {
		uint64_t at = node + (address / span_of(l, up) & mask) * WORD;

		if (!tree->memory.read(tree->memory.arg, at, &node, WORD) ||
		    node % NODE_ALIGNMENT)
			return 0;
	}
	return node;
}

/* Reads @n entries of an array of the lowest level; those that cannot be read
 * are empty. */
static void read_entries(struct walker *w, uint64_t at, char *to, size_t n)
{
	const struct memory_source *m = &w->tree->memory;
	const size_t bytes = n * w->tree->layout->leaf_words * WORD;

	if (!m->read(m->arg, at, to, bytes))
		memset(to, 0, bytes);
}

/* An entry that contradicts its record may have changed since it was read: a
 * process that grows cuts the front off a large extent that jemalloc holds in
 * reserve, all the time. It is read anew, and all behind it. */
static bool read_again(struct walker *w)
{
	const unsigned cost = PIECE / CACHE_PAGE; /* of all that is read anew */

	if (!w->walk->again || w->walk->left < cost)
		return false;
	w->walk->again--;
	w->walk->left -= cost;
	w->walk->bad--;
	memset(w->cache->address, 0, sizeof(w->cache->address));
	return true;
}

/* Walks the entries for [address, end), all of the array @leaf. */
static bool walk_leaf(struct walker *w, uint64_t leaf, uint64_t address,
		      uint64_t end)
{
	const struct heap_layout *l = w->tree->layout;
	const size_t element = l->leaf_words * WORD;
	const uint64_t first = address % span_of(l, 1) >> HEAP_PAGE_SHIFT;
	size_t n = (size_t)((end - address) >> HEAP_PAGE_SHIFT), done = 0;

	while (done < n) {
		const uint64_t at = leaf + (first + done) * element;
		size_t now = PIECE / element, i, bad;

		now = n - done < now ? n - done : now;
		read_entries(w, at, w->piece, now);
		for (i = 0; i < now; i++) {
			const uint64_t page =
				address + ((done + i) << HEAP_PAGE_SHIFT);
			uint64_t words[2];

			memcpy(words, w->piece + i * element, element);
			bad = w->walk->bad;
			if (words[0] && !walk_entry(w, page, words))
				return false;
			if (w->walk->bad == bad || !read_again(w))
				continue;
			read_entries(w, at + i * element,
				     w->piece + i * element, now - i);
			i--;
		}
		done += now;
	}
	return true;
}

struct hs_error *heap_tree_walk(const struct heap_tree *tree,
				const struct heap_range *range,
				heap_extent_fn *fn, void *arg,
				struct heap_walk *walk)
{
	hs_cleanup(walker_release) struct walker w = {
		.tree = tree,
		.cache = calloc(1, sizeof(*w.cache)),
		.piece = malloc(PIECE),
		.walk = walk,
		.fn = fn,
		.arg = arg,
	};
	const uint64_t span = span_of(tree->layout, 1);
	uint64_t at, end, leaf;

	if (!w.cache || !w.piece)
		return hs_error_nomem();
	for (at = range->start; at < range->end; at = end) {
		end = at - at % span + span;
		if (end > range->end)
			end = range->end;
		leaf = find_leaf(tree, at);
		if (leaf && !walk_leaf(&w, leaf, at, end))
			break;
	}
	return NULL;
}

bool heap_tree_reread(const struct heap_tree *tree, struct heap_extent *extent)
{
	const struct memory_source *m = &tree->memory;
	const uint64_t edata = extent->edata, address = extent->address;
	uint64_t words[HEAP_EDATA_BYTES / WORD];

	if (!m->read(m->arg, edata, words, sizeof(words)) ||
	    !heap_layout_extent(tree->layout, words, extent))
		return false;
	extent->edata = edata;
	return extent->address == address;
}

uint64_t heap_tree_base_block(const struct heap_tree *tree, uint64_t address)
{
	uint64_t words[HEAP_BASE_BYTES / WORD];

	if (!tree->memory.read(tree->memory.arg, address, words, sizeof(words)))
		return 0;
	return heap_layout_base_block(address, words);
}

/* --- the root -------------------------------------------------------------- */

/* A word of the data that is not 0. */
struct word_at {
	uint64_t address, value;
};

struct search {
	const struct memory_source *memory;
	const struct heap_ranges *data, *heap;
	struct word_at *words; /* owned; ascending */
	size_t n_words, words_cap;
	unsigned tries; /* roots that may still be looked at closely */
};

static void search_release(struct search *s)
{
	free(s->words);
}

static struct hs_error *keep_words(struct search *s, uint64_t address,
				   const uint64_t *words, size_t n)
{
	size_t i;

	for (i = 0; i < n && s->n_words < WORDS_MAX; i++) {
		if (!words[i])
			continue;
		if (!ARRAY_GROW(s->words, s->words_cap, s->n_words + 1))
			return hs_error_nomem();
		s->words[s->n_words++] =
			(struct word_at){ address + i * WORD, words[i] };
	}
	return NULL;
}

static struct hs_error *read_words(struct search *s)
{
	_cleanup_free_ uint64_t *piece = malloc(PIECE);
	struct hs_error *err = NULL;
	size_t i;

	if (!piece)
		return hs_error_nomem();
	for (i = 0; i < s->data->n && !err; i++) {
		uint64_t at = s->data->items[i].start;
		uint64_t end = s->data->items[i].end;

		for (; at < end && !err; at += PIECE) {
			size_t now = end - at < PIECE ? (size_t)(end - at)
						      : PIECE;

			if (s->memory->read(s->memory->arg, at, piece, now))
				err = keep_words(s, at, piece, now / WORD);
		}
	}
	return err;
}

static bool may_be_node(const struct search *s, uint64_t pointer)
{
	return pointer % NODE_ALIGNMENT == 0 && find_range(s->heap, pointer);
}

/* All of an array of nodes are pointers to others, or 0. */
static bool may_be_root(const struct search *s, uint64_t root, uint64_t bytes)
{
	const struct heap_range *in = find_range(s->data, root);
	size_t i;

	if (!in || in->end - root < bytes)
		return false;
	i = search_sorted(s->n_words, k, s->words[k].address < root);
	for (; i < s->n_words && s->words[i].address - root < bytes; i++) {
		if (!may_be_node(s, s->words[i].value))
			return false;
	}
	return true;
}

/* Entries that are compared with what they point to. */
struct check {
	struct heap_walk walk;
	uint64_t active; /* what they say of these can be wrong */
};

static bool count_entry(void *arg, const struct heap_extent *extent)
{
	struct check *c = arg;

	c->active += extent->state == HEAP_EXTENT_ACTIVE;
	return c->walk.extents + c->walk.bad < CHECKED_MAX;
}

static struct hs_error *check_tree(const struct search *s,
				   const struct heap_tree *tree, bool *right)
{
	struct check c = {
		.walk = { .left = 4 * CHECKED_MAX, .again = CHECKED_AGAIN },
	};
	const struct heap_walk *walk = &c.walk;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < s->heap->n && !err && walk->left &&
		    walk->extents + walk->bad < CHECKED_MAX;
	     i++)
		err = heap_tree_walk(tree, &s->heap->items[i], count_entry, &c,
				     &c.walk);
	*right = c.active >= CHECKED_MIN &&
		 walk->extents * 100 >=
			 (walk->extents + walk->bad) * RIGHT_PERCENT;
	return err;
}

/* Tries the layouts that have such a root. */
static struct hs_error *try_root(struct search *s, const struct heap_tree *like,
				 struct heap_tree *ret, bool *found)
{
	const struct heap_layout *layouts;
	struct hs_error *err = NULL;
	size_t i, n;

	s->tries--;
	layouts = heap_layouts(&n);
	for (i = 0; i < n && !err && !*found; i++) {
		struct heap_tree tree = *like;

		if (layouts[i].lg_vaddr != like->layout->lg_vaddr)
			continue;
		tree.layout = &layouts[i];
		err = check_tree(s, &tree, found);
		if (*found)
			*ret = tree;
	}
	return err;
}

struct keys {
	uint64_t items[KEYS_MAX];
	size_t n;
};

/* Where a root has entries for the heap. */
static void find_keys(const struct search *s, uint64_t span, struct keys *ret)
{
	size_t i;

	ret->n = 0;
	for (i = 0; i < s->heap->n; i++) {
		uint64_t key = s->heap->items[i].start / span;
		uint64_t last = (s->heap->items[i].end - 1) / span;

		if (ret->n && ret->items[ret->n - 1] == key)
			key++;
		for (; key <= last && ret->n < KEYS_MAX; key++)
			ret->items[ret->n++] = key;
	}
}

static struct hs_error *find_root(struct search *s,
				  const struct heap_layout *layout,
				  struct heap_tree *ret, bool *found)
{
	const uint64_t bytes = (UINT64_C(1) << layout->bits) * WORD;
	struct heap_tree tree = { .memory = *s->memory, .layout = layout };
	struct hs_error *err = NULL;
	struct keys keys;
	size_t i, k;

	find_keys(s, span_of(layout, layout->levels - 1), &keys);
	for (i = 0; i < s->n_words && !err && !*found; i++) {
		const struct word_at *w = &s->words[i];

		if (!may_be_node(s, w->value))
			continue;
		for (k = 0; k < keys.n && !err && !*found && s->tries; k++) {
			tree.root = w->address - keys.items[k] * WORD;
			if (may_be_root(s, tree.root, bytes))
				err = try_root(s, &tree, ret, found);
		}
	}
	return err;
}

struct hs_error *heap_tree_find(const struct memory_source *memory,
				const struct heap_ranges *data,
				const struct heap_ranges *heap,
				struct heap_tree *ret, bool *found)
{
	hs_cleanup(search_release) struct search s = {
		.memory = memory,
		.data = data,
		.heap = heap,
	};
	const struct heap_layout *layouts;
	struct hs_error *err;
	size_t i, n;

	*found = false;
	err = read_words(&s);
	if (err || s.n_words == WORDS_MAX)
		return err;
	layouts = heap_layouts(&n);
	for (i = 0; i < n && !err && !*found; i++) {
		if (i && layouts[i].lg_vaddr == layouts[i - 1].lg_vaddr)
			continue;
		s.tries = ROOTS_MAX;
		err = find_root(&s, &layouts[i], ret, found);
	}
	return err;
}
