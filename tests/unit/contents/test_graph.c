/* Pointers between regions are found wherever they are, and nothing else counts
 * for one: neither what free regions and the stacks of thread caches hold, nor
 * the end of a region. What cannot be read costs no more than itself, and
 * memory is bounded. */
#include "contents/graph.h"

#include "base/array.h"
#include "tests/unit/contents/graph_image.h"

START_TEST(chain)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t at;
	unsigned i;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	graph_put(&im, GLOBAL, at);
	for (i = 0; i < 9; i++)
		graph_put(&im, at + i * 64 + 8 * (i % 8), at + (i + 1) * 64);
	graph_find(&im, &f);
	for (i = 0; i < 64; i++)
		ck_assert_int_eq(graph_reached(&f, at + i * 64), i < 10);
	ck_assert_uint_eq(f.holders.reached, 10);
	ck_assert_uint_eq(f.graph.edges.n, 9);
	ck_assert_uint_eq(f.graph.read, 4096 + GRAPH_DATA + GRAPH_STACK);
	ck_assert_uint_eq(f.graph.unread, 0);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

START_TEST(ring)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t at;
	unsigned i;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	for (i = 0; i < 10; i++)
		graph_put(&im, at + i * 64,
			  at + (i + 1) % 5 * 64 + i / 5 * 320);
	graph_put(&im, at + 9 * 64, at + 5 * 64);
	graph_put(&im, GLOBAL, at + 7 * 64);
	graph_find(&im, &f);
	for (i = 0; i < 64; i++)
		ck_assert_int_eq(graph_reached(&f, at + i * 64),
				 i >= 5 && i < 10);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

START_TEST(insides)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t small, large, after;

	graph_image_make(&im);
	small = graph_slab(&im, C64, 64);
	large = graph_slab(&im, C256K, 1);
	after = graph_slab(&im, C16K, 1);
	graph_put(&im, GLOBAL, small + 63);	     /* of the first */
	graph_put(&im, GLOBAL + 8, small + 128 + 1); /* of the third */
	graph_put(&im, GLOBAL + 16, large + (256 << 10) - 1);
	graph_find(&im, &f);
	ck_assert(graph_reached(&f, small));
	ck_assert(!graph_reached(&f, small + 64));
	ck_assert(graph_reached(&f, small + 128));
	ck_assert(!graph_reached(&f, small + 192));
	ck_assert(graph_reached(&f, large));
	ck_assert(!graph_reached(&f, after));
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

/* Every word of a region in several pieces is looked at, and no word that is
 * not aligned. */
START_TEST(large)
{
	const uint64_t words[] = { 0, (64 << 10) - 8, 64 << 10,
				   (256 << 10) - 8 };
	struct graph_image im;
	struct graph_found f;
	uint64_t from, to;
	size_t i;

	graph_image_make(&im);
	from = graph_slab(&im, C256K, 1);
	to = graph_slab(&im, C64, 64);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		graph_put(&im, from + words[i], to + i * 64);
	graph_put(&im, from + 0x1004, to + 10 * 64);
	graph_put(&im, GLOBAL, from);
	graph_find(&im, &f);
	for (i = 0; i < 64; i++)
		ck_assert_int_eq(graph_reached(&f, to + i * 64), i < 4);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

/* Large allocations of whole pages, which are fewer than their class has: what
 * is behind is another one's. */
START_TEST(whole_pages)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t from, next, to;

	graph_image_make(&im);
	from = graph_slab(&im, C40K, 1);
	im.regions.slabs[0].size = 36 << 10;
	im.used = 36 << 10;
	next = graph_slab(&im, C64, 64);
	to = graph_slab(&im, C64, 64);
	ck_assert_uint_eq(next, from + (36 << 10));
	graph_put(&im, GLOBAL, from + (36 << 10) - 8);
	graph_put(&im, from + (36 << 10) - 8, to);
	graph_put(&im, next, to + 64);
	graph_find(&im, &f);
	ck_assert(graph_reached(&f, from));
	ck_assert(graph_reached(&f, to));
	ck_assert(!graph_reached(&f, next));
	ck_assert(!graph_reached(&f, to + 64));
	ck_assert_uint_eq(f.holders.sums[0].bytes, (36 << 10) + 64);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

START_TEST(free_regions)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t at;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	graph_put(&im, GLOBAL, at + 64);
	graph_put(&im, at + 64, at + 128);
	graph_put(&im, GLOBAL + 8, at + 192);
	graph_free(&im, at + 64);
	graph_find(&im, &f);
	ck_assert_uint_eq(graph_index_find(&f.index, at + 64, NULL),
			  GRAPH_NONE);
	ck_assert(!graph_reached(&f, at + 128));
	ck_assert(graph_reached(&f, at + 192));
	ck_assert_uint_eq(f.index.n_live, 63);
	ck_assert_uint_eq(f.graph.edges.n, 0);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

/* What a thread's cache holds, and has held, is in the stacks of its bins. */
START_TEST(caches)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t stacks, at;

	graph_image_make(&im);
	stacks = graph_slab(&im, C16K, 1);
	at = graph_slab(&im, C64, 64);
	graph_put(&im, GLOBAL, stacks + 0x100);
	graph_put(&im, stacks + 0x108, at);
	im.silent = stacks + 0x2000;
	graph_find(&im, &f);
	ck_assert(graph_reached(&f, stacks));
	ck_assert(!graph_reached(&f, at));
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

START_TEST(kernel)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t words[] = { 3, 0 }, at;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	words[1] = at + 64;
	im.roots.words = (struct kernel_words){ words, 2, 2, false };
	graph_find(&im, &f);
	ck_assert_uint_eq(f.holders.reached, 1);
	ck_assert_uint_eq(graph_holder(&f, at + 64), at + 64);
	ck_assert_uint_eq(f.graph.from[0].range, 2);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

/* Slabs beside one that cannot be read are read. */
START_TEST(unreadable)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t at[5];
	unsigned i;

	graph_image_make(&im);
	for (i = 0; i < 5; i++) {
		at[i] = graph_slab(&im, C64, 64);
		graph_put(&im, GLOBAL + i * 8, at[i]);
		graph_put(&im, at[i], at[i] + 64);
	}
	im.hole = at[2];
	graph_find(&im, &f);
	for (i = 0; i < 5; i++) {
		ck_assert(graph_reached(&f, at[i]));
		ck_assert_int_eq(graph_reached(&f, at[i] + 64), i != 2);
	}
	ck_assert_uint_eq(f.graph.unread, 4096);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

/* What is between slabs is read with them only where it is little. */
START_TEST(apart)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t at;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	graph_put(&im, GLOBAL, at);
	im.used += 4096;
	graph_put(&im, at, graph_slab(&im, C64, 64));
	im.hole = at + 4096;
	graph_find(&im, &f);
	ck_assert(graph_reached(&f, at + 8192));
	ck_assert_uint_eq(f.graph.unread, 0);
	/* Two slabs and two roots, none of them twice. */
	ck_assert_uint_eq(im.reads, 4);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

START_TEST(bounded)
{
	struct graph_image im;
	struct graph_found f;
	unsigned i;

	graph_image_make(&im);
	for (i = 0; i < 100; i++)
		graph_slab(&im, C16, 256);
	hs_ck_err(graph_try(&im, 1 << 18, &f), HS_ERROR_GREW,
		  "the graph of 25600 regions takes more than 0 MiB");
	graph_found_release(&f);
	for (i = 0; i < GRAPH_HEAP / 16 && i < 25600; i++)
		graph_put(&im, GRAPH_HEAP_AT + i * 16, GRAPH_HEAP_AT);
	hs_ck_err(graph_try(&im, 1 << 20, &f), HS_ERROR_GREW,
		  "the graph of 25600 regions takes more than 1 MiB");
	ck_assert_uint_le(graph_bytes(&f.graph), 1 << 20);
	graph_found_release(&f);
	hs_ck_ok(graph_try(&im, 8 << 20, &f));
	ck_assert_uint_le(graph_bytes(&f.graph), 8 << 20);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

/* A slab that is not in memory of the process is none. */
START_TEST(outside)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t at;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	graph_put(&im, GLOBAL, at);
	im.used = GRAPH_HEAP - 4096;
	graph_slab(&im, C64, 64);
	im.regions.slabs[1].n++;
	graph_find(&im, &f);
	ck_assert_uint_eq(f.index.left_out, 1);
	ck_assert_uint_eq(f.index.n, 1);
	ck_assert_uint_eq(f.holders.reached, 1);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

int main(void)
{
	return hs_check_run("contents/graph", chain, ring, insides, large,
			    whole_pages, free_regions, caches, kernel,
			    unreadable, apart, bounded, outside);
}
