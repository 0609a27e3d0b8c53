/* A region is held by the strongest root that leads to it, by the shortest path
 * from there; a link of a kind that hardly any other is of decides only where
 * no other one does. */
#include "contents/holders.h"

#include "tests/unit/contents/graph_image.h"

/* A global holds it by a longer path. */
START_TEST(strongest)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t at;
	unsigned i;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	for (i = 0; i < 20; i++)
		graph_put(&im, at + i * 64, at + (i + 1) * 64);
	graph_put(&im, LOCAL, at + 15 * 64);
	graph_put(&im, LOCAL + 8, at + 30 * 64);
	graph_put(&im, at + 30 * 64, at + 31 * 64);
	graph_put(&im, GLOBAL, at);
	graph_find(&im, &f);
	for (i = 0; i <= 20; i++)
		ck_assert_uint_eq(graph_holder(&f, at + i * 64), GLOBAL);
	ck_assert_uint_eq(graph_holder(&f, at + 30 * 64), LOCAL + 8);
	ck_assert_uint_eq(graph_holder(&f, at + 31 * 64), LOCAL + 8);
	ck_assert_uint_eq(graph_holder(&f, at + 32 * 64), 0);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

static void check_path(const struct graph_found *f, uint64_t at,
		       const uint64_t *want, size_t n)
{
	uint32_t path[8];
	bool whole;
	size_t i;

	ck_assert_uint_eq(holders_path(&f->holders, graph_number(f, at), path,
				       8, &whole),
			  n);
	ck_assert(whole);
	for (i = 0; i < n; i++)
		ck_assert_uint_eq(graph_index_address(&f->index, path[i]),
				  want[i]);
}

/* Of two globals and two ways the shortest. */
START_TEST(shortest)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t at;
	uint32_t path[2];
	unsigned i;
	bool whole;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	for (i = 0; i < 6; i++)
		graph_put(&im, at + i * 64, at + (i + 1) * 64);
	graph_put(&im, at + 64 + 8, at + 5 * 64);
	graph_put(&im, GLOBAL, at);
	graph_put(&im, GLOBAL + 8, at + 3 * 64);
	graph_find(&im, &f);
	check_path(&f, at, NULL, 0);
	check_path(&f, at + 2 * 64, (uint64_t[]){ at + 64, at }, 2);
	check_path(&f, at + 3 * 64, NULL, 0);
	check_path(&f, at + 4 * 64, (uint64_t[]){ at + 3 * 64 }, 1);
	check_path(&f, at + 5 * 64, (uint64_t[]){ at + 64, at }, 2);
	check_path(&f, at + 6 * 64, (uint64_t[]){ at + 5 * 64, at + 64, at },
		   3);
	ck_assert_uint_eq(graph_holder(&f, at + 5 * 64), GLOBAL);
	ck_assert_uint_eq(graph_holder(&f, at + 4 * 64), GLOBAL + 8);
	ck_assert_uint_eq(holders_path(&f.holders,
				       graph_number(&f, at + 6 * 64), path, 2,
				       &whole),
			  2);
	ck_assert(!whole);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

START_TEST(sums)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t small, other, large;
	unsigned i;

	graph_image_make(&im);
	small = graph_slab(&im, C64, 64);
	other = graph_slab(&im, C80, 256);
	large = graph_slab(&im, C256K, 1);
	for (i = 0; i < 200; i++)
		graph_put(&im, large + i * 8, other + i * 80);
	graph_put(&im, other, small);
	graph_put(&im, GLOBAL, large);
	graph_put(&im, LOCAL, small);
	graph_put(&im, LOCAL + 8, small + 64);
	graph_find(&im, &f);
	/* A region that two roots lead to is the stronger one's. */
	ck_assert_uint_eq(f.graph.n_from, 3);
	ck_assert_uint_eq(f.holders.sums[0].regions, 202);
	ck_assert_uint_eq(f.holders.sums[0].bytes, (256 << 10) + 200 * 80 + 64);
	ck_assert_uint_eq(f.holders.reached, 203);
	ck_assert_uint_eq(f.holders.sums[1].regions, 0);
	ck_assert_uint_eq(f.holders.sums[2].bytes, 64);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

/* Lists of a stack's, 100 long, of which a stale word of a global's region knows
 * a middle: 2,000 nodes have a link at their begin, one at another word. */
START_TEST(rare_word)
{
	enum { NODES = 2048, LIST = 100 };
	struct graph_image im;
	struct graph_found f;
	uint64_t at = 0;
	unsigned i, n = 0;

	graph_image_make(&im);
	for (i = 0; i < NODES / 64; i++)
		at = i ? graph_slab(&im, C64, 64),
		at     : graph_slab(&im, C64, 64);
	for (i = 0; i + 1 < NODES; i++) {
		if (i % LIST != LIST - 1)
			graph_put(&im, at + i * 64, at + (i + 1) * 64);
		if (i % LIST == 0)
			graph_put(&im, LOCAL + n++ * 8, at + i * 64);
	}
	graph_put(&im, GLOBAL, at + 50 * 64);
	graph_put(&im, at + 99 * 64 + 24, at + 1050 * 64);
	graph_find(&im, &f);
	ck_assert_uint_eq(f.holders.reached, NODES);
	ck_assert_uint_eq(graph_holder(&f, at + 99 * 64), GLOBAL);
	ck_assert_uint_eq(graph_holder(&f, at + 1049 * 64), LOCAL + 80);
	ck_assert_uint_eq(graph_holder(&f, at + 1050 * 64), LOCAL + 80);
	ck_assert_uint_eq(graph_holder(&f, at + 1099 * 64), LOCAL + 80);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

/* What a rare link alone leads to is reached. */
START_TEST(rare_alone)
{
	struct graph_image im;
	struct graph_found f;
	uint64_t at = 0, other;
	unsigned i;

	graph_image_make(&im);
	for (i = 0; i < 32; i++)
		at = i ? graph_slab(&im, C64, 64),
		at     : graph_slab(&im, C64, 64);
	other = graph_slab(&im, C80, 256);
	for (i = 0; i < 2047; i++)
		graph_put(&im, at + i * 64, at + (i + 1) * 64);
	graph_put(&im, GLOBAL, at);
	graph_put(&im, at + 1000 * 64 + 16, other + 80);
	graph_find(&im, &f);
	ck_assert_uint_eq(graph_holder(&f, other + 80), GLOBAL);
	ck_assert_uint_eq(f.holders.reached, 2049);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

/* Behind the 1,500 links of a table of buckets is a stale one to a list. */
START_TEST(rare_of_array)
{
	enum { BUCKETS = 1500 };
	struct graph_image im;
	struct graph_found f;
	uint64_t at, list, table;
	unsigned i;

	graph_image_make(&im);
	at = graph_slab(&im, C80, 512);
	for (i = 1; i < 3; i++)
		graph_slab(&im, C80, 512);
	list = graph_slab(&im, C64, 64);
	table = graph_slab(&im, C256K, 1);
	for (i = 0; i < BUCKETS; i++)
		graph_put(&im, table + i * 8, at + i * 80);
	graph_put(&im, table + BUCKETS * 8 + 64, list + 64);
	graph_put(&im, list, list + 64);
	graph_put(&im, GLOBAL, table);
	graph_put(&im, LOCAL, list);
	graph_find(&im, &f);
	ck_assert_uint_eq(graph_holder(&f, at + 1499 * 80), GLOBAL);
	ck_assert_uint_eq(graph_holder(&f, list + 64), LOCAL);
	graph_found_release(&f);
	graph_image_release(&im);
}
END_TEST

int main(void)
{
	return hs_check_run("contents/holders", strongest, shortest, sums,
			    rare_word, rare_alone, rare_of_array);
}
