/* Leaked is what all looks did not reach and that was there in each, as it was;
 * a region that came, moved or changed between them is not. Direct and indirect
 * are as LeakSanitizer has them. */
#include "contents/graph_leaks.h"

#include "tests/unit/contents/graph_image.h"

static void look_first(struct graph_image *im, struct unreached *ret)
{
	struct graph_found f;

	graph_find(im, &f);
	hs_ck_ok(unreached_take(&f.holders, &f.graph, &f.index, NULL, ret));
	graph_found_release(&f);
}

static void look_again(struct graph_image *im, const struct unreached *earlier,
		       struct graph_found *f, struct leaks *ret)
{
	graph_find(im, f);
	hs_ck_ok(leaks_find(&f->holders, earlier, ret));
}

static void check_counts(const struct leak_count *c, uint64_t held,
			 uint64_t direct, uint64_t indirect, uint64_t moved)
{
	ck_assert_uint_eq(c->held, held);
	ck_assert_uint_eq(c->direct, direct);
	ck_assert_uint_eq(c->indirect, indirect);
	ck_assert_uint_eq(c->moved, moved);
}

static void finish(struct graph_image *im, struct unreached *u,
		   struct graph_found *f, struct leaks *l)
{
	leaks_release(l);
	unreached_release(u);
	graph_found_release(f);
	graph_image_release(im);
}

/* 10 held; a chain of 5; a ring of 3; one that points to itself; the others
 * alone. */
START_TEST(kinds)
{
	struct graph_image im;
	struct graph_found f;
	struct unreached u;
	struct leaks l;
	uint64_t at;
	unsigned i;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	for (i = 0; i < 9; i++)
		graph_put(&im, at + i * 64, at + (i + 1) * 64);
	for (i = 10; i < 14; i++)
		graph_put(&im, at + i * 64 + 8, at + (i + 1) * 64);
	graph_put(&im, at + 14 * 64, at + 3 * 64);
	for (i = 15; i < 18; i++)
		graph_put(&im, at + i * 64, at + (15 + (i - 14) % 3) * 64);
	graph_put(&im, at + 18 * 64, at + 18 * 64);
	graph_put(&im, GLOBAL, at);
	look_first(&im, &u);
	ck_assert_uint_eq(u.n, 54);
	look_again(&im, &u, &f, &l);
	check_counts(&l.classes[C64], 10, 1 + 1 + 45, 4 + 3, 0);
	check_counts(&l.regions, 10, 47, 7, 0);
	check_counts(&l.bytes, 640, 47 * 64, 7 * 64, 0);
	ck_assert(!graph_bit(l.leaked, 9) && graph_bit(l.leaked, 10));
	ck_assert(!graph_bit(l.indirect, 10) && graph_bit(l.indirect, 11));
	finish(&im, &u, &f, &l);
}
END_TEST

/* Not reached once only. */
START_TEST(moved)
{
	struct graph_image im;
	struct graph_found f;
	struct unreached u;
	struct leaks l;
	uint64_t at;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	graph_put(&im, GLOBAL, at);
	look_first(&im, &u);
	graph_put(&im, GLOBAL, at + 64);
	look_again(&im, &u, &f, &l);
	check_counts(&l.regions, 1, 62, 0, 1);
	ck_assert(!graph_bit(l.leaked, 0) && !graph_bit(l.leaked, 1));
	finish(&im, &u, &f, &l);
}
END_TEST

/* What was free in the first look is new. */
START_TEST(came)
{
	struct graph_image im;
	struct graph_found f;
	struct unreached u;
	struct leaks l;
	uint64_t at;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	graph_free(&im, at + 64);
	look_first(&im, &u);
	im.regions.slabs[0].free[0] = 4;
	graph_slab(&im, C128, 32);
	look_again(&im, &u, &f, &l);
	check_counts(&l.classes[C64], 0, 62, 0, 1);
	check_counts(&l.classes[C128], 0, 0, 0, 32);
	finish(&im, &u, &f, &l);
}
END_TEST

/* The same addresses, in regions of another class. */
START_TEST(changed)
{
	struct graph_image im;
	struct graph_found f;
	struct unreached u;
	struct leaks l;

	graph_image_make(&im);
	graph_slab(&im, C64, 64);
	look_first(&im, &u);
	im.regions.slabs[0].szind = C128;
	im.regions.slabs[0].size = 128;
	im.regions.slabs[0].n = 32;
	look_again(&im, &u, &f, &l);
	check_counts(&l.regions, 0, 0, 0, 32);
	finish(&im, &u, &f, &l);
}
END_TEST

/* A large allocation begins anywhere in its first page. */
START_TEST(shifted)
{
	struct graph_image im;
	struct graph_found f;
	struct unreached u;
	struct leaks l;

	graph_image_make(&im);
	graph_slab(&im, C64, 64);
	look_first(&im, &u);
	im.regions.slabs[0].address += 16;
	look_again(&im, &u, &f, &l);
	check_counts(&l.regions, 0, 0, 0, 64);
	finish(&im, &u, &f, &l);
}
END_TEST

/* Who writes to a region has it, or it is another one that is there now. */
START_TEST(written)
{
	struct graph_image im;
	struct graph_found f;
	struct unreached u;
	struct leaks l;
	uint64_t at, large;

	graph_image_make(&im);
	at = graph_slab(&im, C64, 64);
	large = graph_slab(&im, C256K, 1);
	graph_put(&im, at + 128, 1);
	graph_put(&im, at + 320, 1);
	look_first(&im, &u);
	graph_put(&im, at + 128 + 56, 1);
	graph_put(&im, at + 192, 1);
	graph_put(&im, at + 256 - 8, 1);
	graph_put(&im, large + (200 << 10), 1);
	/* The same words, at other places. */
	graph_put(&im, at + 320, 0);
	graph_put(&im, at + 328, 1);
	look_again(&im, &u, &f, &l);
	check_counts(&l.regions, 0, 61, 0, 4);
	ck_assert(!graph_bit(l.leaked, 2) && !graph_bit(l.leaked, 3));
	finish(&im, &u, &f, &l);
}
END_TEST

/* Of three looks each may reach it. */
START_TEST(three)
{
	struct graph_image im;
	struct graph_found f;
	struct unreached first, u;
	struct leaks l;
	uint64_t at;
	unsigned reach, i;

	for (reach = 0; reach < 3; reach++) {
		graph_image_make(&im);
		at = graph_slab(&im, C64, 64);
		graph_put(&im, GLOBAL, reach == 0 ? at : 0);
		look_first(&im, &first);
		graph_put(&im, GLOBAL, reach == 1 ? at : 0);
		graph_find(&im, &f);
		hs_ck_ok(unreached_take(&f.holders, &f.graph, &f.index, &first,
					&u));
		ck_assert_uint_eq(u.n, reach == 2 ? 64 : 63);
		graph_found_release(&f);
		unreached_release(&first);
		graph_put(&im, GLOBAL, reach == 2 ? at : 0);
		look_again(&im, &u, &f, &l);
		check_counts(&l.regions, reach == 2, 63, 0, reach != 2);
		for (i = 0; i < 64; i++)
			ck_assert_int_eq(graph_bit(l.leaked, i), i > 0);
		finish(&im, &u, &f, &l);
	}
}
END_TEST

int main(void)
{
	return hs_check_run("contents/graph_leaks", kinds, moved, came, changed,
			    shifted, written, three);
}
