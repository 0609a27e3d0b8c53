/*
 * The records of a jemalloc in memory of any content: words of a small heap
 *that is right are replaced, and the search for the tree, the walk, the bitmaps
 *and the threads' caches end, within bounds, and agree with themselves. An
 *input is a byte for the layout, then words with the offset at which each is
 *put.
 *
 *	tests/fuzz/run regions 60
 */
#include "target/heap_regions.h"

#include <stdint.h>
#include <string.h>

#include "target/thread_caches.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/target/heap_image_ranges.h"

enum {
	EXTENTS = 60,
	MAX = 40,	     /* slabs that are kept */
	READS_MAX = 1 << 20, /* of memory, for one input */
	BASE_PART = 4 << 10, /* of base and data, that words go to */
};

/* A word, and where it goes. */
struct patch {
	uint32_t at;
	uint32_t kind; /* what is added to it */
	uint64_t word;
};

static void put(struct image *im, const struct patch *p,
		const struct heap_extent *extents)
{
	const uint64_t added[] = { 0, IMAGE_HEAP_AT, IMAGE_BASE, IMAGE_DATA };
	const uint64_t word = p->word + added[p->kind % 4];
	const struct heap_extent *e = &extents[p->at / 16 % EXTENTS];

	switch (p->kind / 4 % 4) {
	case 0:
		image_put(im, e->edata + p->at % 16 * 8, word);
		break;
	case 1:
		image_put(im, image_entry(im, e->address), word);
		break;
	case 2:
		image_put(im, im->root + p->at % (1 << 15) * 8, word);
		break;
	default:
		image_put(im, IMAGE_DATA + 0x201000 + p->at % BASE_PART * 8,
			  word);
	}
}

static void check_counts(const struct heap_regions *r)
{
	uint64_t free = 0, live = 0, cached = 0, n = 0;
	struct heap_region at;
	size_t i;

	must(r->n <= MAX);
	for (i = 0; i < r->n; i++) {
		const struct heap_slab *s = &r->slabs[i];

		must(s->n >= 1 && s->n <= HEAP_SLAB_REGIONS);
		must(heap_regions_find(r, s->address, false, &at));
		must(at.slab == i && !at.i);
		n += s->n;
		for (at.i = 0; at.i < s->n; at.i++)
			free += !heap_region_live(r, &at);
	}
	for (i = 0; i < HEAP_CLASSES; i++) {
		live += r->classes[i].live;
		cached += r->classes[i].cached;
	}
	must(live + free == n && cached <= free);
}

static void try_tree(const struct heap_tree *tree)
{
	struct heap_regions regions;
	struct thread_caches caches = { 0 };
	struct hs_error *err;
	bool whole;

	err = heap_regions_read(tree, &image_heap, MAX, &regions, &whole);
	if (!err)
		err = thread_caches_take(tree, &image_data, &regions, &caches);
	check_counts(&regions);
	hs_error_free(err);
	thread_caches_release(&caches);
	heap_regions_release(&regions);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	const struct memory_source memory = { image_read, NULL };
	struct heap_extent extents[EXTENTS];
	struct heap_tree tree;
	struct patch patch;
	struct image im;
	bool found;
	size_t i;

	if (!size)
		return 0;
	image_make(&im, input[0] & 1, input[0] & 2);
	image_fill(&im, EXTENTS, extents);
	for (i = 1; i + sizeof(patch) <= size; i += sizeof(patch)) {
		memcpy(&patch, input + i, sizeof(patch));
		put(&im, &patch, extents);
	}
	tree.memory = memory;
	tree.memory.arg = &im;
	must(!heap_tree_find(&tree.memory, &image_data, &image_heap, &tree,
			     &found));
	if (found)
		try_tree(&tree);
	must(im.reads <= READS_MAX && im.longest <= 64 << 10);
	image_release(&im);
	return 0;
}
