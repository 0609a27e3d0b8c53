/*
 * Pointers of a hostile process: the records of its jemalloc are what an input
 * puts there, and so is the memory of its heap. The search for roots, the graph,
 * the holders and the leaks end, within bounds, and agree with themselves. An
 * input is a byte for the layout, a number of words that are all that the heap
 * has, and words with the offset at which each is put among the records.
 *
 *	tests/fuzz/run graph 60
 */
#include "contents/graph_leaks.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/thread_caches.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/target/heap_image.h"

enum {
	EXTENTS = 60,
	SLABS_MAX = 80, /* that are kept */
	HEAP = 1 << 20, /* bytes */
	MOST = 4 << 20, /* of memory, for a graph */
	PAGE = 4096,
	WORDS = 64, /* of which the heap is made */
	/* Bytes that are read for an input: twice all memory, and what leads to
	 * it. */
	READ_MAX = 512 << 20,
};

#define STACK_END (IMAGE_DATA + 3 * IMAGE_MIB)
#define STACK (STACK_END - 8192)

/* A process of that image. */
struct prey {
	struct image im;
	struct heap_extent extents[EXTENTS];
	uint64_t words[WORDS];
	unsigned n_words, turn;
	uint64_t end; /* of the last extent */
	uint64_t read;
};

/* A word, and where it goes. */
struct patch {
	uint32_t at;
	uint32_t kind; /* what is added to it */
	uint64_t word;
};

static struct range_list {
	struct mapping maps[4];
	struct smap items[4];
	enum usage_kind kinds[4];
} ranges = {
	.maps = {
		{ .start = IMAGE_DATA, .end = STACK, .read = true,
		  .write = true, .inode = 1, .path = "/j" },
		{ .start = STACK, .end = STACK_END, .read = true, .write = true,
		  .path = "[stack]" },
		{ .start = IMAGE_BASE, .end = IMAGE_BASE + 8 * IMAGE_MIB,
		  .read = true, .write = true, .path = "" },
		{ .start = IMAGE_HEAP_AT, .end = IMAGE_HEAP_AT + HEAP,
		  .read = true, .write = true, .path = "" },
	},
	.kinds = { USAGE_CODE, USAGE_STACK, USAGE_ANON, USAGE_ANON },
};
static const struct usage usage = {
	.smaps = { .maps = { .items = ranges.maps, .n = 4 },
		   .items = ranges.items,
		   .n = 4 },
	.kinds = ranges.kinds,
};

/* Slabs of all small classes, large allocations, and free extents between. */
static void fill(struct prey *p)
{
	uint64_t at = IMAGE_HEAP_AT + 16 * PAGE;
	unsigned i;

	for (i = 0; i < EXTENTS; i++) {
		struct heap_extent *e = &p->extents[i];
		const uint64_t size = heap_class_size(i % 40);

		*e = (struct heap_extent){
			.address = at,
			.size = PAGE,
			.szind = i % 40,
			.slab = i % 40 < 36,
			.state = i % 11 == 5 ? HEAP_EXTENT_DIRTY
					     : HEAP_EXTENT_ACTIVE,
		};
		while (e->size % size && e->slab)
			e->size += PAGE;
		if (!e->slab)
			e->size = size + PAGE;
		e->edata = image_add(&p->im, e);
		at += e->size;
	}
	p->end = at;
}

static uint64_t place(uint64_t word, uint32_t kind)
{
	const uint64_t added[] = { 0, IMAGE_HEAP_AT, IMAGE_BASE, IMAGE_DATA };

	return word + added[kind % 4];
}

/* All extents have the input's words, in the second look moved by one. */
static bool read_prey(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct prey *p = arg;
	char *to = buf;
	size_t i;

	p->read += len;
	if (!image_read(&p->im, addr, buf, len))
		return false;
	for (i = 0; i < len / 8 && p->n_words; i++) {
		const uint64_t at = addr + i * 8;

		if (at >= IMAGE_HEAP_AT + 16 * PAGE && at < p->end)
			memcpy(to + i * 8,
			       &p->words[(at / 8 * 7 + p->turn) % p->n_words],
			       8);
	}
	return true;
}

static void put(struct prey *p, const struct patch *patch)
{
	const uint64_t word = place(patch->word, patch->kind);
	const struct heap_extent *e = &p->extents[patch->at / 16 % EXTENTS];
	struct image *im = &p->im;

	switch (patch->kind / 4 % 4) {
	case 0:
		image_put(im, e->edata + patch->at % 16 * 8, word);
		break;
	case 1:
		image_put(im, image_entry(im, e->address), word);
		break;
	case 2:
		image_put(im, IMAGE_DATA + 0x201000 + patch->at % 4096 * 8,
			  word);
		break;
	default:
		p->words[p->n_words % WORDS] = word;
		p->n_words += p->n_words < WORDS;
	}
}

/* --- a look ---------------------------------------------------------------- */

struct look {
	struct heap_ranges memory;
	struct heap_regions regions;
	struct thread_caches caches;
	struct roots roots;
	struct graph_index index;
	struct graph graph;
	struct holders holders;
};

static void look_release(struct look *l)
{
	holders_release(&l->holders);
	graph_release(&l->graph);
	graph_index_release(&l->index);
	roots_release(&l->roots);
	thread_caches_release(&l->caches);
	heap_regions_release(&l->regions);
	heap_ranges_release(&l->memory);
}

static struct hs_error *look_regions(const struct heap_tree *tree,
				     struct look *l)
{
	const struct root_thread thread = { 1, STACK + 99 };
	const struct roots_input in = {
		.usage = &usage,
		.tree = tree,
		.regions = &l->regions,
		.threads = &thread,
		.n_threads = 1,
	};
	struct hs_error *err = roots_memory(&usage, &l->memory);
	bool whole;

	if (!err)
		err = heap_regions_read(tree, &l->memory, SLABS_MAX,
					&l->regions, &whole);
	if (!err)
		err = thread_caches_take(tree, &l->memory, &l->regions,
					 &l->caches);
	if (!err)
		err = roots_find(&in, &l->roots);
	return err ? err : graph_index_make(&l->regions, &l->memory, &l->index);
}

static struct hs_error *look_at(const struct heap_tree *tree, struct look *l)
{
	const struct graph_input in = {
		.memory = &tree->memory,
		.index = &l->index,
		.roots = &l->roots,
		.silent = l->caches.stacks,
		.n_silent = l->caches.n_stacks,
		.most = MOST,
	};
	struct hs_error *err = look_regions(tree, l);

	if (!err)
		err = graph_make(&in, &l->graph);
	return err ? err : holders_find(&l->graph, &l->holders);
}

/* Every path ends at a root, and every region is held by one. */
static void check_holders(const struct look *l)
{
	const uint32_t n = l->index.n_regions;
	_cleanup_free_ uint32_t *path = malloc((n + 1) * sizeof(*path));
	uint64_t held = 0, reached = 0;
	uint32_t i;
	bool whole;

	must(path && graph_bytes(&l->graph) <= MOST);
	for (i = 0; i < n; i++) {
		if (!holders_reach(&l->holders, i))
			continue;
		must(graph_bit(l->index.live, i));
		must(holders_path(&l->holders, i, path, n, &whole) < n);
		must(whole && l->holders.roots[i] < l->graph.n_from);
		reached++;
	}
	for (i = 0; i < l->graph.n_from; i++)
		held += l->holders.sums[i].regions;
	must(held == reached && reached == l->holders.reached);
}

static void check_leaks(const struct look *l, const struct leaks *leaks)
{
	const struct leak_count *c = &leaks->regions;

	must(c->held == l->holders.reached);
	must(c->held + c->direct + c->indirect + c->moved == l->index.n_live);
}

static void look_twice(const struct heap_tree *tree, struct prey *p)
{
	hs_cleanup(look_release) struct look first = { 0 }, second = { 0 };
	hs_cleanup(unreached_release) struct unreached u = { 0 };
	hs_cleanup(leaks_release) struct leaks leaks = { 0 };
	struct hs_error *err = look_at(tree, &first);

	if (!err) {
		check_holders(&first);
		err = unreached_take(&first.holders, &first.graph, &first.index,
				     NULL, &u);
	}
	p->turn++;
	if (!err)
		err = look_at(tree, &second);
	if (!err) {
		check_holders(&second);
		err = leaks_find(&second.holders, &u, &leaks);
	}
	if (!err)
		check_leaks(&second, &leaks);
	hs_error_free(err);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static struct heap_range data_range = { IMAGE_DATA,
						IMAGE_DATA + 3 * IMAGE_MIB };
	static struct heap_range heap_range = { IMAGE_HEAP_AT,
						IMAGE_HEAP_AT + HEAP };
	static struct heap_range base_range = { IMAGE_BASE,
						IMAGE_BASE + 8 * IMAGE_MIB };
	struct heap_range both[2] = { base_range, heap_range };
	const struct heap_ranges data = { &data_range, 1, 1 };
	const struct heap_ranges heap = { both, 2, 2 };
	struct prey p = { 0 };
	struct heap_tree tree;
	struct patch patch;
	bool found;
	size_t i;

	if (!size)
		return 0;
	image_make(&p.im, input[0] & 1, input[0] & 2);
	fill(&p);
	for (i = 1; i + sizeof(patch) <= size; i += sizeof(patch)) {
		memcpy(&patch, input + i, sizeof(patch));
		put(&p, &patch);
	}
	tree.memory = (struct memory_source){ read_prey, &p };
	must(!heap_tree_find(&tree.memory, &data, &heap, &tree, &found));
	if (found)
		look_twice(&tree, &p);
	must(p.read <= READ_MAX && p.im.longest <= 64 << 10);
	image_release(&p.im);
	return 0;
}
