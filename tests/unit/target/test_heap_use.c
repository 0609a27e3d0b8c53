/* What of each mapping is jemalloc's, by its extents and base blocks: also
 * where an extent lies across two mappings, where other memory is in the same
 * mapping, and where pages are of zeros; and no page is looked at that is not
 * there. */
#include "target/heap_use.h"

#include <inttypes.h>

#include "base/strbuf.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/smaps_text.h"
#include "tests/unit/target/heap_image.h"

enum { PAGE = 4096 };

/* Mappings as the kernel lists them; the heap is two next to each other. */
static const struct line {
	uint64_t start, size;
	const char *rest;
} lines[] = {
	{ IMAGE_DATA - 0x10000, 0x10000, "r-xp 0 fe:00 9 /lib/libj.so" },
	{ IMAGE_DATA, 0x1000, "rw-p 10000 fe:00 9 /lib/libj.so" },
	{ IMAGE_DATA + 0x1000, 3 * IMAGE_MIB - 0x1000, "rw-p 0 00:00 0 " },
	{ IMAGE_BASE, 8 * IMAGE_MIB, "rw-p 0 00:00 0 " },
	{ IMAGE_HEAP_AT, 32 * IMAGE_MIB, "rw-p 0 00:00 0 " },
	{ IMAGE_HEAP_AT + 32 * IMAGE_MIB, 32 * IMAGE_MIB, "rw-p 0 00:00 0 " },
};

static void touch(struct smap *smap, uint64_t first, uint64_t n)
{
	uint64_t i;

	for (i = first; i < first + n; i++)
		smap->pages[i / 64] |= UINT64_C(1) << i % 64;
	smap->n_set += n;
	smap->rss += n * PAGE;
}

/* All of data and base is there, and every page of the heap. */
static struct usage make_usage(void)
{
	struct strbuf text = { 0 };
	struct smaps smaps;
	struct usage u;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		strbuf_addf(&text, "%" PRIx64 "-%" PRIx64 " %s\n",
			    lines[i].start, lines[i].start + lines[i].size,
			    lines[i].rest);
	smaps_from_text(strbuf_str(&text), &smaps);
	for (i = 2; i < smaps.n; i++) {
		smaps.items[i].pages = calloc(lines[i].size / PAGE / 64 + 1, 8);
		touch(&smaps.items[i], 0, lines[i].size / PAGE);
	}
	hs_ck_ok(usage_make(&smaps, NULL, 0, &u));
	strbuf_release(&text);
	return u;
}

static bool read_use(struct image *im, const struct usage *u,
		     struct heap_use *ret)
{
	const struct memory_source memory = { image_read, im };
	struct heap_ranges data = { 0 };
	bool found;

	hs_ck_ok(heap_use_data(&u->smaps.maps, &u->smaps.maps.items[0], &data));
	ck_assert_uint_eq(data.n, 1);
	ck_assert_uint_eq(data.items[0].start, IMAGE_DATA);
	ck_assert_uint_eq(data.items[0].end, IMAGE_DATA + 3 * IMAGE_MIB);
	hs_ck_ok(heap_use_read(&memory, &data, u, ret, &found));
	heap_ranges_release(&data);
	return found;
}

/* Adds extents of @state one after the other, of @pages each. */
static void add(struct image *im, uint64_t at, unsigned n, uint64_t pages,
		enum heap_extent_state state)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		const struct heap_extent e = { .address = at + i * pages * PAGE,
					       .size = pages * PAGE,
					       .state = state,
					       .szind = 40 };

		image_add(im, &e);
	}
}

static void make_image(struct image *im)
{
	image_make(im, true, false);
	add(im, IMAGE_HEAP_AT + 64 * PAGE, 20, 10, HEAP_EXTENT_ACTIVE);
	add(im, IMAGE_HEAP_AT + 600 * PAGE, 3, 50, HEAP_EXTENT_DIRTY);
	add(im, IMAGE_HEAP_AT + 900 * PAGE, 1, 70, HEAP_EXTENT_MUZZY);
	/* 100 pages, of which 40 are in the second mapping */
	add(im, IMAGE_HEAP_AT + 32 * IMAGE_MIB - 60 * PAGE, 1, 100,
	    HEAP_EXTENT_RETAINED);
}

START_TEST(every_state)
{
	struct usage u = make_usage();
	struct heap_use use;
	struct image im;

	make_image(&im);
	ck_assert(read_use(&im, &u, &use));
	ck_assert_uint_eq(use.rss[HEAP_EXTENT_ACTIVE], 200 * PAGE);
	ck_assert_uint_eq(use.rss[HEAP_EXTENT_DIRTY], 150 * PAGE);
	ck_assert_uint_eq(use.rss[HEAP_EXTENT_MUZZY], 70 * PAGE);
	ck_assert_uint_eq(use.rss[HEAP_EXTENT_RETAINED], 100 * PAGE);
	ck_assert_uint_eq(use.rss[HEAP_USE_OWN], 8 * IMAGE_MIB);
	ck_assert_uint_eq(use.size, 520 * PAGE + 8 * IMAGE_MIB);
	ck_assert_uint_eq(use.shares[2].size, 0);
	ck_assert_uint_eq(use.shares[3].rss, 8 * IMAGE_MIB);
	ck_assert_uint_eq(use.shares[4].rss, 480 * PAGE);
	ck_assert_uint_eq(use.shares[5].rss, 40 * PAGE);
	heap_use_release(&use);
	usage_release(&u);
	image_release(&im);
}
END_TEST

static bool read_beside_heap(void *arg, uint64_t addr, void *buf, size_t len)
{
	if (addr < IMAGE_HEAP_AT)
		return image_read(arg, addr, buf, len);
	memset(buf, 0, len);
	return true;
}

/* A fifth of the heap's pages are there, half of these are of zeros. */
START_TEST(untouched_and_zeros)
{
	struct usage u = make_usage();
	struct heap_ranges data = { 0 };
	struct heap_use use;
	struct image im;
	struct smap *smap;
	struct memory_source memory = { read_beside_heap, &im };
	bool found;
	size_t i;

	make_image(&im);
	for (i = 4; i < 6; i++) {
		smap = &u.smaps.items[i];
		memset(smap->pages, 0, lines[i].size / PAGE / 8);
		smap->n_set = smap->rss = 0;
	}
	smap = &u.smaps.items[4];
	touch(smap, 64, 120);	/* of 200 active ones */
	touch(smap, 600, 80);	/* of 150 dirty ones */
	touch(smap, 3100, 200); /* nobody's; where no base block can be */
	smap->rss = 200 * PAGE;
	hs_ck_ok(heap_use_data(&u.smaps.maps, &u.smaps.maps.items[0], &data));
	hs_ck_ok(heap_use_read(&memory, &data, &u, &use, &found));
	ck_assert(found);
	ck_assert_uint_eq(use.rss[HEAP_EXTENT_ACTIVE], 60 * PAGE);
	ck_assert_uint_eq(use.rss[HEAP_EXTENT_DIRTY], 40 * PAGE);
	ck_assert_uint_eq(use.shares[4].rss, 100 * PAGE);
	ck_assert_uint_eq(use.shares[5].rss, 0);
	heap_use_release(&use);
	heap_ranges_release(&data);
	usage_release(&u);
	image_release(&im);
}
END_TEST

START_TEST(no_records)
{
	struct usage u = make_usage();
	struct heap_use use;
	struct image im;

	make_image(&im);
	memset(im.data, 0, 3 * IMAGE_MIB);
	ck_assert(!read_use(&im, &u, &use));
	ck_assert_ptr_null(use.shares);
	usage_release(&u);
	image_release(&im);
}
END_TEST

int main(void)
{
	return hs_check_run("target/heap_use", every_state, untouched_and_zeros,
			    no_records);
}
