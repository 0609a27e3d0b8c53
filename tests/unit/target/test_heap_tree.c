/* The tree of jemalloc's extents is found in memory by its structure alone, in
 * every layout; each extent of it is what was put there; no read is large; and
 * what is damaged or hostile is not taken for a tree, or costs a bounded number
 * of reads. */
#include "target/heap_tree.h"

#include "base/array.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/target/heap_image_ranges.h"

enum { EXTENTS = 1000 };

static struct heap_extent extents[EXTENTS];

static bool find(struct image *im, struct heap_tree *ret)
{
	const struct memory_source memory = { image_read, im };
	bool found;

	hs_ck_ok(
		heap_tree_find(&memory, &image_data, &image_heap, ret, &found));
	ck_assert_uint_le(im->longest, 64 << 10);
	return found;
}

static bool expect(void *arg, const struct heap_extent *e)
{
	size_t *n = arg;
	const struct heap_extent *want = &extents[*n];

	ck_assert_uint_lt(*n, EXTENTS);
	ck_assert_uint_eq(e->address, want->address);
	ck_assert_uint_eq(e->size, want->size);
	ck_assert_int_eq(e->state, want->state);
	ck_assert_int_eq(e->slab, want->slab);
	ck_assert_uint_eq(e->szind, want->state ? 232 : want->szind);
	ck_assert_uint_eq(e->arena, want->arena);
	ck_assert_uint_eq(e->nfree, want->nfree);
	ck_assert_uint_eq(e->edata, want->edata);
	++*n;
	return true;
}

/* Calls @fn with an image of each layout. */
static void each_layout(void (*fn)(struct image *im))
{
	unsigned i;

	for (i = 0; i < 4; i++) {
		struct image im;

		image_make(&im, i & 1, i & 2);
		image_fill(&im, EXTENTS, extents);
		fn(&im);
		image_release(&im);
	}
}

static void check_extents(struct image *im)
{
	struct heap_walk walk = { .left = HEAP_WALK_READS };
	struct heap_tree tree;
	size_t n = 0;

	ck_assert(find(im, &tree));
	ck_assert_uint_eq(tree.root, im->root);
	ck_assert_str_eq(tree.layout->versions, im->v53 ? "5.3" : "5.1, 5.2");
	ck_assert_uint_eq(tree.layout->lg_vaddr, im->wide ? 57 : 48);
	hs_ck_ok(
		heap_tree_walk(&tree, &image_heap.items[1], expect, &n, &walk));
	ck_assert_uint_eq(n, EXTENTS);
	ck_assert_uint_eq(walk.extents, EXTENTS);
	ck_assert_uint_eq(walk.bad, 0);
	ck_assert_uint_le(im->longest, 64 << 10);
	ck_assert_uint_eq(heap_tree_base_block(&tree, IMAGE_BASE),
			  8 * IMAGE_MIB);
	ck_assert_uint_eq(
		heap_tree_base_block(&tree, IMAGE_BASE + 2 * IMAGE_MIB), 0);
	ck_assert_uint_eq(heap_tree_base_block(&tree, IMAGE_HEAP_AT), 0);
	ck_assert_uint_eq(heap_tree_base_block(&tree, 4096), 0);
}

START_TEST(every_layout)
{
	each_layout(check_extents);
}
END_TEST

/* Of records of 5.2 with this class those of 5.3 would be of freed extents, of
 * which nothing is compared. */
START_TEST(all_of_one_class)
{
	struct heap_tree tree;
	struct image im;
	size_t i;

	image_make(&im, false, false);
	for (i = 0; i < 100; i++) {
		extents[i] = (struct heap_extent){
			.address = IMAGE_HEAP_AT + 0x10000 + i * 4096,
			.size = 4096,
			.szind = 1,
		};
		extents[i].edata = image_add(&im, &extents[i]);
	}
	ck_assert(find(&im, &tree));
	ck_assert_str_eq(tree.layout->versions, "5.1, 5.2");
	image_release(&im);
}
END_TEST

/* Of the first 200 @percent are wrong: another class in the record. */
static void damage(struct image *im, unsigned percent)
{
	size_t i, done = 0;

	for (i = 0; i < 200 && done < 2 * percent; i++) {
		uint64_t bits = image_get(im, extents[i].edata);

		if (extents[i].state)
			continue;
		image_put(im, extents[i].edata,
			  bits ^ UINT64_C(3) << (im->v53 ? 20 : 18));
		done++;
	}
	ck_assert_uint_eq(done, 2 * percent);
}

static void check_few_wrong(struct image *im)
{
	struct heap_tree tree;

	damage(im, 2);
	ck_assert(find(im, &tree));
}

static void check_many_wrong(struct image *im)
{
	struct heap_tree tree;

	damage(im, 10);
	ck_assert(!find(im, &tree));
}

START_TEST(wrong_entries)
{
	each_layout(check_few_wrong);
	each_layout(check_many_wrong);
}
END_TEST

/* Each page of records has some of before, but not when it is read once more at
 * once. */
struct changing {
	struct image *im;
	uint64_t last[2]; /* what was read before: its address */
	unsigned changed;
};

static bool read_changing(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct changing *c = arg;
	const bool again = addr == c->last[0] || addr == c->last[1];
	size_t i, active = 0;

	c->last[1] = c->last[0];
	c->last[0] = addr;
	if (!image_read(c->im, addr, buf, len))
		return false;
	for (i = 0; i < EXTENTS && !again && len == 4096; i++) {
		const uint64_t at = extents[i].edata - addr;
		uint64_t bits;

		if (extents[i].state || active++ % 4 || at >= len)
			continue;
		memcpy(&bits, (char *)buf + at, sizeof(bits));
		bits ^= UINT64_C(3) << (c->im->v53 ? 20 : 18);
		memcpy((char *)buf + at, &bits, sizeof(bits));
		c->changed++;
	}
	return true;
}

static void check_changing(struct image *im)
{
	struct changing changing = { .im = im };
	const struct memory_source memory = { read_changing, &changing };
	struct heap_tree tree;
	bool found;

	hs_ck_ok(heap_tree_find(&memory, &image_data, &image_heap, &tree,
				&found));
	ck_assert(found);
	ck_assert_uint_gt(changing.changed, 0);
}

START_TEST(entries_that_change)
{
	each_layout(check_changing);
}
END_TEST

static bool ignore(void *arg, const struct heap_extent *e)
{
	(void)e;
	(void)arg;
	return true;
}

/* Every page of the heap points to a record of its own that is not there. */
static void check_hostile_leaf(struct image *im)
{
	struct heap_walk walk = { .left = 100 };
	struct heap_tree tree;
	uint64_t page;

	ck_assert(find(im, &tree));
	for (page = IMAGE_HEAP_AT; page < IMAGE_HEAP_AT + IMAGE_HEAP;
	     page += 4096) {
		const struct heap_extent e = { .szind = 3 };

		image_enter(im, page, 0x100000 + (page - IMAGE_HEAP_AT), &e);
	}
	im->reads = 0;
	hs_ck_ok(heap_tree_walk(&tree, &image_heap.items[1], ignore, NULL,
				&walk));
	ck_assert_uint_eq(walk.left, 0);
	ck_assert_uint_eq(walk.extents, 0);
	ck_assert_uint_le(im->reads, 200);
	im->reads = 0;
	ck_assert(!find(im, &tree));
	ck_assert_uint_le(im->reads, 20000);
}

/* Nodes that are nodes of themselves, and sizes beyond the end of memory. */
static void check_cycles(struct image *im)
{
	struct heap_walk walk = { .left = HEAP_WALK_READS };
	struct heap_tree tree;
	uint64_t node;
	size_t i;

	ck_assert(find(im, &tree));
	for (i = 0; i < 100; i++)
		image_put(im, extents[i].edata + 16, UINT64_MAX);
	hs_ck_ok(heap_tree_walk(&tree, &image_heap.items[1], ignore, NULL,
				&walk));
	ck_assert_uint_lt(walk.extents, EXTENTS);
	node = image_get(
		im, im->root + (IMAGE_HEAP_AT >> (im->wide ? 42 : 30)) * 8);
	for (i = 0; i < 1 << 15; i++)
		image_put(im, node + 8 * i, node);
	walk = (struct heap_walk){ .left = HEAP_WALK_READS };
	hs_ck_ok(heap_tree_walk(&tree, &image_heap.items[1], ignore, NULL,
				&walk));
	ck_assert_uint_eq(walk.extents, 0);
	ck_assert(!find(im, &tree));
}

START_TEST(hostile)
{
	each_layout(check_hostile_leaf);
	each_layout(check_cycles);
}
END_TEST

/* Whatever the bytes are: it ends, and no read is large. */
static void check_random(struct image *im)
{
	uint64_t seed = 88172645463325252;
	unsigned round, i;

	for (round = 0; round < 12; round++) {
		struct heap_walk walk = { .left = 5000 };
		struct heap_tree tree;

		for (i = 0; i < 2000; i++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			if (i % 8)
				im->base[seed % im->used] = (char)(seed >> 40);
			else
				im->data[seed % (3 * IMAGE_MIB)] =
					(char)(seed >> 40);
		}
		if (find(im, &tree))
			hs_ck_ok(heap_tree_walk(&tree, &image_heap.items[1],
						ignore, NULL, &walk));
		ck_assert_uint_le(im->longest, 64 << 10);
	}
}

START_TEST(random_bytes)
{
	each_layout(check_random);
}
END_TEST

static void check_empty(struct image *im)
{
	struct heap_tree tree;

	memset(im->data, 0, 3 * IMAGE_MIB);
	ck_assert(!find(im, &tree));
	memset(im->data, 0x5a, 3 * IMAGE_MIB);
	ck_assert(!find(im, &tree));
}

START_TEST(no_tree)
{
	each_layout(check_empty);
}
END_TEST

int main(void)
{
	return hs_check_run("target/heap_tree", every_layout, all_of_one_class,
			    wrong_entries, entries_that_change, hostile,
			    random_bytes, no_tree);
}
