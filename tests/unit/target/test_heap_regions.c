/* Which regions are in use is what the bitmaps of the slabs say, in every
 * layout; a record that contradicts itself is read again, and left out when it
 * goes on to; a jemalloc that has many such is refused. */
#include "target/heap_regions.h"

#include "base/array.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/target/heap_image_ranges.h"

enum { SLABS = 200, PAGE = 4096 };

/* What was put into the image. */
static uint64_t live[HEAP_CLASSES];
static uint64_t lacks[HEAP_CLASSES]; /* bytes that these have less */
static uint64_t records[SLABS];
static struct heap_extent extents[SLABS];

/* The slab of a class is the smallest of whole pages that regions fill
 * (src/sc.c, slab_size()). */
static uint64_t slab_size(uint64_t region)
{
	uint64_t size = PAGE;

	while (size % region)
		size += PAGE;
	return size;
}

static void set_free(struct heap_extent *e, unsigned n, uint64_t *seed)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		*seed = *seed * 6364136223846793005 + 1;
		if (*seed >> 62)
			continue;
		e->free[i / 64] |= UINT64_C(1) << i % 64;
		e->nfree++;
	}
	live[e->szind] += n - e->nfree;
}

/* Slabs of all small classes, large allocations, and free extents between. */
static void fill(struct image *im)
{
	uint64_t at = IMAGE_HEAP_AT + 16 * PAGE, seed = 7;
	unsigned i;

	memset(live, 0, sizeof(live));
	for (i = 0; i < SLABS; i++) {
		struct heap_extent *e = &extents[i];
		const uint64_t size = heap_class_size(i % 40);

		*e = (struct heap_extent){ .address = at, .szind = i % 40 };
		e->slab = e->szind < 36;
		e->size = e->slab ? slab_size(size)
				  : (size + PAGE - 1) / PAGE * PAGE +
					    (im->aligned ? 0 : PAGE);
		if (i % 11 == 5)
			e->state = HEAP_EXTENT_DIRTY;
		else if (e->slab)
			set_free(e, (unsigned)(e->size / size), &seed);
		else
			live[e->szind]++;
		records[i] = image_add(im, e);
		at += e->size;
	}
}

static void each_layout(void (*fn)(struct image *im))
{
	unsigned i;

	for (i = 0; i < 4; i++) {
		struct image im;

		image_make(&im, i & 1, i & 2);
		fill(&im);
		fn(&im);
		image_release(&im);
	}
}

static struct heap_tree find(struct image *im)
{
	const struct memory_source memory = { image_read, im };
	struct heap_tree tree;
	bool found;

	hs_ck_ok(heap_tree_find(&memory, &image_data, &image_heap, &tree,
				&found));
	ck_assert(found);
	return tree;
}

static void check_live(const struct heap_regions *r)
{
	unsigned i;

	for (i = 0; i < HEAP_CLASSES; i++) {
		ck_assert_uint_eq(r->classes[i].live, live[i]);
		ck_assert_uint_eq(r->classes[i].live_bytes,
				  live[i] * heap_class_size(i) - lacks[i]);
		ck_assert_uint_eq(r->classes[i].cached, 0);
	}
}

/* Each region is found, from its beginning and its inside, and is in use when
 * its bit is not set. */
static void check_finds(const struct heap_regions *r)
{
	struct heap_region found;
	unsigned i, k;

	for (i = 0; i < SLABS; i++) {
		const struct heap_extent *e = &extents[i];
		const uint64_t size = heap_class_size(e->szind);

		if (!e->slab || e->state)
			continue;
		for (k = 0; k < e->size / size; k++) {
			const uint64_t at = e->address + k * size;

			ck_assert(heap_regions_find(r, at, false, &found));
			ck_assert_uint_eq(found.i, k);
			ck_assert_int_eq(heap_region_live(r, &found),
					 !(e->free[k / 64] >> k % 64 & 1));
			ck_assert(!heap_regions_find(r, at + 1, false, &found));
			ck_assert(heap_regions_find(r, at + size - 1, true,
						    &found));
			ck_assert_uint_eq(found.i, k);
		}
	}
	ck_assert(!heap_regions_find(r, IMAGE_HEAP_AT, true, &found));
	ck_assert(!heap_regions_find(r, 0, true, &found));
	ck_assert(!heap_regions_find(r, UINT64_MAX, true, &found));
}

static void check_regions(struct image *im)
{
	struct heap_tree tree = find(im);
	struct heap_regions r;
	bool whole;

	hs_ck_ok(heap_regions_read(&tree, &image_heap, SIZE_MAX, &r, &whole));
	ck_assert(whole);
	ck_assert_uint_eq(r.unclear, 0);
	check_live(&r);
	check_finds(&r);
	/* One behind the other, also those that are free. */
	ck_assert_uint_eq(r.extents.n, 1);
	ck_assert_uint_eq(r.extents.items[0].start, extents[0].address);
	ck_assert_uint_eq(r.extents.items[0].end,
			  extents[SLABS - 1].address + extents[SLABS - 1].size);
	ck_assert_uint_le(im->longest, 64 << 10);
	heap_regions_release(&r);
}

START_TEST(every_layout)
{
	each_layout(check_regions);
}
END_TEST

/* From the table of size classes in jemalloc(3), and SC_LARGE_MAXCLASS. */
START_TEST(class_sizes)
{
	static const struct {
		unsigned szind;
		uint64_t size;
	} rows[] = {
		{ 0, 8 },	 { 1, 16 },
		{ 2, 32 },	 { 8, 128 },
		{ 9, 160 },	 { 12, 256 },
		{ 13, 320 },	 { 28, 4096 },
		{ 35, 14336 },	 { 36, 16384 },
		{ 37, 20480 },	 { 40, 32768 },
		{ 60, 1 << 20 }, { 231, UINT64_C(7) << 60 },
		{ 232, 0 },	 { UINT32_MAX, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		ck_assert_uint_eq(heap_class_size(rows[i].szind), rows[i].size);
}
END_TEST

/* A region is free in the bitmap of slab @i that its count has as in use. */
static void contradict(struct image *im, unsigned i)
{
	const uint64_t at = records[i] + 64;

	image_put(im, at, image_get(im, at) ^ 1);
}

static unsigned slab_at(unsigned from)
{
	while (!extents[from].slab || extents[from].state)
		from++;
	return from;
}

static void check_few_unclear(struct image *im)
{
	struct heap_tree tree = find(im);
	const unsigned i = slab_at(50);
	struct heap_regions r;
	bool whole;

	contradict(im, i);
	live[extents[i].szind] -=
		extents[i].size / heap_class_size(extents[i].szind) -
		extents[i].nfree;
	hs_ck_ok(heap_regions_read(&tree, &image_heap, SIZE_MAX, &r, &whole));
	ck_assert_uint_eq(r.unclear, 1);
	check_live(&r);
	heap_regions_release(&r);
}

static void check_many_unclear(struct image *im)
{
	struct heap_tree tree = find(im);
	struct heap_regions r;
	unsigned i, n = 0;
	bool whole;

	for (i = slab_at(0); n < 12; i = slab_at(i + 1), n++)
		contradict(im, i);
	hs_ck_err(heap_regions_read(&tree, &image_heap, SIZE_MAX, &r, &whole),
		  HS_ERROR_NOT_FOUND,
		  "12 of 182 records of jemalloc contradict themselves: it is "
		  "laid out in another way");
	heap_regions_release(&r);
}

START_TEST(contradictions)
{
	each_layout(check_few_unclear);
	each_layout(check_many_unclear);
}
END_TEST

/* 5.3.1: of 36 KiB, in the class of 40, are so many; what is in it with less
 * than 32 contradicts itself. */
static void check_whole_pages(struct image *im)
{
	const uint64_t offset = im->aligned ? 0 : 0x340;
	const uint64_t pad = im->aligned ? 0 : PAGE;
	struct heap_extent e = extents[SLABS - 1];
	struct heap_region found;
	struct heap_tree tree;
	struct heap_regions r;
	uint64_t at;
	bool whole;

	ck_assert_uint_eq(heap_class_size(41), 40 << 10);
	e = (struct heap_extent){ .address = e.address + e.size, .szind = 41 };
	e.size = (36 << 10) + pad;
	image_add(im, &e);
	at = e.address + offset;
	e.address += e.size;
	e.size = (32 << 10) + pad;
	image_add(im, &e);
	tree = find(im);
	hs_ck_ok(heap_regions_read(&tree, &image_heap, SIZE_MAX, &r, &whole));
	ck_assert_uint_eq(r.unclear, 1);
	live[41]++;
	lacks[41] = 4 << 10;
	check_live(&r);
	live[41]--;
	lacks[41] = 0;
	ck_assert(heap_regions_find(&r, at + (36 << 10) - 1, true, &found));
	ck_assert_uint_eq(r.slabs[found.slab].address, at);
	ck_assert_uint_eq(r.slabs[found.slab].size, 36 << 10);
	ck_assert(!heap_regions_find(&r, at + (36 << 10), true, &found));
	heap_regions_release(&r);
}

START_TEST(large_of_whole_pages)
{
	each_layout(check_whole_pages);
}
END_TEST

/* With opt.cache_oblivious switched off they have no page more. */
START_TEST(large_without_padding)
{
	struct image im;

	image_make(&im, true, false);
	im.aligned = true;
	fill(&im);
	check_whole_pages(&im);
	image_release(&im);
}
END_TEST

/* One that begins with its extent tells nothing; others do. */
START_TEST(large_that_begins_a_page)
{
	struct heap_extent e = { .szind = 41, .size = (36 << 10) + PAGE };
	struct heap_region found;
	struct heap_tree tree;
	struct heap_regions r;
	struct image im;
	bool whole;

	image_make(&im, true, false);
	fill(&im);
	im.aligned = true;
	e.address = extents[SLABS - 1].address + extents[SLABS - 1].size;
	image_add(&im, &e);
	tree = find(&im);
	hs_ck_ok(heap_regions_read(&tree, &image_heap, SIZE_MAX, &r, &whole));
	ck_assert(heap_regions_find(&r, e.address, false, &found));
	ck_assert_uint_eq(r.slabs[found.slab].size, 36 << 10);
	heap_regions_release(&r);
	image_release(&im);
}
END_TEST

/* The process finishes what it was at after the record was read. */
static struct image *changing;
static uint64_t change_at;

static bool read_changing(void *arg, uint64_t addr, void *buf, size_t len)
{
	bool there = image_read(arg, addr, buf, len);

	if (change_at && addr <= change_at && change_at - addr < len) {
		image_put(changing, change_at,
			  image_get(changing, change_at) ^ 1);
		change_at = 0;
	}
	return there;
}

static void check_changing(struct image *im)
{
	struct heap_tree tree = find(im);
	const unsigned i = slab_at(30);
	struct heap_regions r;
	bool whole;

	tree.memory.read = read_changing;
	changing = im;
	contradict(im, i);
	change_at = records[i] + 64;
	hs_ck_ok(heap_regions_read(&tree, &image_heap, SIZE_MAX, &r, &whole));
	ck_assert_uint_eq(r.unclear, 0);
	check_live(&r);
	heap_regions_release(&r);
}

START_TEST(changes_meanwhile)
{
	each_layout(check_changing);
}
END_TEST

static void check_bounded(struct image *im)
{
	struct heap_tree tree = find(im);
	struct heap_regions r;
	bool whole;

	hs_ck_ok(heap_regions_read(&tree, &image_heap, 20, &r, &whole));
	ck_assert(!whole);
	ck_assert_uint_eq(r.n, 20);
	heap_regions_release(&r);
}

START_TEST(bounded)
{
	each_layout(check_bounded);
}
END_TEST

int main(void)
{
	return hs_check_run("target/heap_regions", every_layout, class_sizes,
			    contradictions, large_of_whole_pages,
			    large_without_padding, large_that_begins_a_page,
			    changes_meanwhile, bounded);
}
