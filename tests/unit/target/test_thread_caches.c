/* What threads hold in their caches is found by the structure of their bins, as
 * 5.1 and 5.3 lay them out, and counts as free; what is only similar to a cache
 * is none. */
#include "target/thread_caches.h"

#include "tests/unit/hs_check.h"
#include "tests/unit/target/heap_image.h"

enum {
	CLASS = 4,  /* of 64 bytes */
	LARGE = 36, /* 16 KiB */
	REGIONS = 64,
	BINS = 36,
	SLOTS = 20, /* of a bin */
	PAGE = 4096,
};

/* Memory of the process that is not jemalloc's: thread-local, and stacks. */
#define TLS (IMAGE_DATA + 2 * IMAGE_MIB + 0x12340)
#define STACKS (IMAGE_DATA + 2 * IMAGE_MIB + 0x80008)

static struct heap_range tls_range[] = {
	{ IMAGE_DATA + 2 * IMAGE_MIB + 0x200, IMAGE_DATA + 3 * IMAGE_MIB },
};
static const struct heap_ranges where = { tls_range, 1, 1 };
static struct heap_range heap_range[] = {
	{ IMAGE_HEAP_AT, IMAGE_HEAP_AT + IMAGE_HEAP },
};
static const struct heap_ranges heap = { heap_range, 1, 1 };

/* Where the stacks of bins begin. */
static uint64_t stacks = STACKS;

/* A bin of which @held are in use, at @at; its stack is the one of number
 * @i. */
static void put_bin(struct image *im, uint64_t at, unsigned i, unsigned held)
{
	const uint64_t full = stacks + i * SLOTS * 8, empty = full + SLOTS * 8;
	const uint64_t head = empty - held * 8;

	if (im->v53) {
		image_put(im, at, head);
		image_put(im, at + 16,
			  (empty & 0xffff) << 32 | (full & 0xffff) << 16 |
				  (empty & 0xffff));
	} else {
		image_put(im, at, (uint64_t)held << 32);
		image_put(im, at + 16, empty);
	}
	image_put(im, at + 8, 1234); /* requests */
}

/* Puts the next @held regions of the heap into bin @i. */
static void hold(struct image *im, unsigned i, unsigned held, uint64_t *next)
{
	uint64_t to = STACKS + (i + 1) * SLOTS * 8;

	for (; held; held--, *next += 64)
		image_put(im, to -= 8, *next);
}

/* Two slabs of 64 bytes, all in use, and a cache with 5 bins that hold 3. */
static struct heap_tree make(struct image *im, struct heap_regions *regions)
{
	const struct memory_source memory = { image_read, im };
	struct heap_extent e = { .address = IMAGE_HEAP_AT + 16 * PAGE,
				 .size = PAGE,
				 .slab = true,
				 .szind = CLASS };
	uint64_t next = e.address + 64;
	struct heap_tree tree = { .memory = memory, .root = im->root };
	const struct heap_layout *layouts;
	bool whole;
	size_t n;
	unsigned i;

	layouts = heap_layouts(&n);
	tree.layout = &layouts[im->v53 ? 0 : 1];
	image_add(im, &e);
	e.address += PAGE;
	image_add(im, &e);
	for (i = 0; i < BINS; i++) {
		put_bin(im, TLS + i * 24, i, i % 7 == 3 ? 3 : 0);
		if (i % 7 == 3)
			hold(im, i, 3, &next);
	}
	hs_ck_ok(heap_regions_read(&tree, &heap, SIZE_MAX, regions, &whole));
	ck_assert_uint_eq(regions->classes[CLASS].live, 2 * REGIONS);
	return tree;
}

static void each_version(void (*fn)(struct image *im))
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		struct image im;

		image_make(&im, i, false);
		fn(&im);
		image_release(&im);
	}
}

static void check_cached(struct image *im)
{
	struct heap_regions r;
	struct heap_tree tree = make(im, &r);
	struct thread_caches caches;
	struct heap_region at;
	unsigned i;

	hs_ck_ok(thread_caches_take(&tree, &where, &r, &caches));
	ck_assert_uint_eq(caches.found, 1);
	ck_assert_uint_eq(caches.regions, 15);
	ck_assert_uint_eq(caches.stale, 0);
	ck_assert_uint_eq(caches.n_stacks, 0);
	ck_assert_uint_eq(r.classes[CLASS].live, 2 * REGIONS - 15);
	ck_assert_uint_eq(r.classes[CLASS].cached, 15);
	for (i = 0; i < REGIONS; i++) {
		ck_assert(heap_regions_find(
			&r, IMAGE_HEAP_AT + 16 * PAGE + i * 64, false, &at));
		ck_assert_int_eq(heap_region_live(&r, &at), !i || i > 15);
	}
	ck_assert_uint_le(im->longest, 64 << 10);
	thread_caches_release(&caches);
	heap_regions_release(&r);
}

START_TEST(cached)
{
	each_version(check_cached);
}
END_TEST

/* 5.1 has the bins of large classes behind the others, a little apart. */
static void check_apart(struct image *im)
{
	struct heap_regions r;
	struct heap_tree tree = make(im, &r);
	uint64_t next = IMAGE_HEAP_AT + 17 * PAGE;
	struct thread_caches caches;
	unsigned i;

	for (i = 0; i < 5; i++)
		put_bin(im, TLS + BINS * 24 + 128 + i * 24, BINS + i, i == 2);
	hold(im, BINS + 2, 1, &next);
	hs_ck_ok(thread_caches_take(&tree, &where, &r, &caches));
	ck_assert_uint_eq(caches.found, 1);
	ck_assert_uint_eq(caches.regions, 16);
	thread_caches_release(&caches);
	heap_regions_release(&r);
}

START_TEST(apart)
{
	each_version(check_apart);
}
END_TEST

/* Until 5.3.0 the stacks are a region themselves. */
static void check_in_region(struct image *im)
{
	struct heap_regions r;
	struct heap_tree tree = make(im, &r);
	struct heap_extent e = { .address = IMAGE_HEAP_AT + 32 * PAGE,
				 .size = 5 * PAGE,
				 .szind = LARGE };
	struct thread_caches caches;
	struct heap_region at;
	bool whole;
	unsigned i;

	heap_regions_release(&r);
	image_add(im, &e);
	hs_ck_ok(heap_regions_read(&tree, &heap, SIZE_MAX, &r, &whole));
	stacks = e.address + 0x340;
	for (i = 0; i < BINS; i++)
		put_bin(im, TLS + i * 24, i, 0);
	stacks = STACKS;
	hs_ck_ok(thread_caches_take(&tree, &where, &r, &caches));
	ck_assert_uint_eq(caches.found, 1);
	ck_assert_uint_eq(caches.n_stacks, 1);
	ck_assert(heap_regions_find(&r, caches.stacks[0], true, &at));
	ck_assert_uint_eq(r.slabs[at.slab].address, e.address + 0x340);
	thread_caches_release(&caches);
	heap_regions_release(&r);
}

START_TEST(in_region)
{
	each_version(check_in_region);
}
END_TEST

/* A region that is free, one that is none, and one that two bins hold. */
static void check_stale(struct image *im)
{
	struct heap_regions r;
	struct heap_tree tree = make(im, &r);
	struct thread_caches caches;
	uint64_t twice = IMAGE_HEAP_AT + 16 * PAGE + 64;

	put_bin(im, TLS + 24, 1, 3);
	hold(im, 1, 1, &twice);
	image_put(im, STACKS + 2 * SLOTS * 8 - 16, 0x1000);
	image_put(im, STACKS + 2 * SLOTS * 8 - 24,
		  IMAGE_HEAP_AT + 16 * PAGE + 8);
	hs_ck_ok(thread_caches_take(&tree, &where, &r, &caches));
	ck_assert_uint_eq(caches.regions, 15);
	ck_assert_uint_eq(caches.stale, 3);
	thread_caches_release(&caches);
	heap_regions_release(&r);
}

START_TEST(stale)
{
	each_version(check_stale);
}
END_TEST

/* Stacks that do not follow each other are none of one cache. */
static void check_unlike(struct image *im)
{
	struct heap_regions r;
	struct heap_tree tree = make(im, &r);
	struct thread_caches caches;
	unsigned i;

	for (i = 0; i < BINS; i += 4)
		put_bin(im, TLS + i * 24, BINS - i, 3);
	hs_ck_ok(thread_caches_take(&tree, &where, &r, &caches));
	ck_assert_uint_eq(caches.found, 0);
	ck_assert_uint_eq(r.classes[CLASS].live, 2 * REGIONS);
	thread_caches_release(&caches);
	heap_regions_release(&r);
}

START_TEST(unlike)
{
	each_version(check_unlike);
}
END_TEST

/* Wherever it lies: also across the end of what is read at once. */
START_TEST(across_pieces)
{
	const uint64_t from = tls_range[0].start;
	uint64_t shift;

	for (shift = 0; shift < 64 << 10; shift += 520) {
		struct heap_regions r;
		struct thread_caches caches;
		struct heap_tree tree;
		struct image im;

		image_make(&im, true, false);
		tree = make(&im, &r);
		tls_range[0].start = from + shift;
		hs_ck_ok(thread_caches_take(&tree, &where, &r, &caches));
		ck_assert_uint_eq(caches.found, 1);
		ck_assert_uint_eq(caches.regions, 15);
		thread_caches_release(&caches);
		heap_regions_release(&r);
		image_release(&im);
	}
}
END_TEST

int main(void)
{
	return hs_check_run("target/thread_caches", cached, apart, in_region,
			    stale, unlike, across_pieces);
}
