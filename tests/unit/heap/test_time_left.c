/*
 * heap/time_left: the limit that is reached first, at the rate of exact
 * counters; nothing where growth is not sure, came once, or is not known.
 */
#include "heap/time_left.h"

#include <math.h>

#include "base/array.h"
#include "tests/unit/hs_check.h"

enum { N = 6, S = 1000000 };

#define MIB ((int64_t)1 << 20)
#define GIB ((int64_t)1 << 30)

static struct heap_profile profiles[N];
static const struct heap_profile *list[N];

/* Live allocations and RSS grow by @rate a second, 2 s apart. */
static void grow(int64_t rate)
{
	size_t i;

	for (i = 0; i < N; i++) {
		struct heap_meta *o = &profiles[i].meta;

		heap_profile_init(&profiles[i]);
		list[i] = &profiles[i];
		o->pid = 7;
		o->start_time = 8;
		o->taken_at_us = 1000 * S + (int64_t)i * 2 * S;
		o->allocated = 100 * MIB + (int64_t)i * 2 * rate;
		o->rss = 120 * MIB + (int64_t)i * 2 * rate;
	}
}

static void limit(enum heap_limit_kind kind, int64_t bytes, int64_t used,
		  int64_t rate)
{
	size_t i;

	for (i = 0; i < N; i++)
		profiles[i].meta.limits[kind] =
			(struct heap_limit){ bytes,
					     used + (int64_t)i * 2 * rate };
}

START_TEST(reached_in_so_many_seconds)
{
	struct heap_time_left left;

	grow(2 * MIB);
	limit(HEAP_LIMIT_GROUP_MAX, 8 * GIB, GIB, 2 * MIB);
	left = heap_time_left(list, N);
	ck_assert_int_eq(left.kind, HEAP_LIMIT_GROUP_MAX);
	ck_assert_int_eq(left.bytes, 8 * GIB);
	ck_assert_double_eq_tol(left.rate, 2.0 * (double)MIB, 1);
	/* 7 GiB less the 20 MiB of ten seconds */
	ck_assert_double_eq_tol(left.seconds, (7 * 1024 - 20) / 2.0, 0.01);
	ck_assert(left.error < 0.02 * left.seconds);
}
END_TEST

/* What the counters say in between, thread caches left out. */
START_TEST(live_bytes_that_fell)
{
	grow(MIB);
	ck_assert_int_eq(heap_live_fell(list, N), 0);
	profiles[3].meta.allocated += 9 * MIB;
	ck_assert_int_eq(heap_live_fell(list, N), 7 * MIB);
	profiles[3].meta.tcache = 3 * MIB;
	ck_assert_int_eq(heap_live_fell(list, N), 4 * MIB);
	profiles[4].meta.allocated = -1;
	ck_assert_int_eq(heap_live_fell(list, N), 0);
	ck_assert_int_eq(heap_live_fell(list, 1), 0);
}
END_TEST

/* All of the group's processes: it grows faster than this one. */
START_TEST(others_of_the_group_count)
{
	struct heap_time_left left;

	grow(2 * MIB);
	limit(HEAP_LIMIT_GROUP_MAX, 8 * GIB, GIB, 6 * MIB);
	left = heap_time_left(list, N);
	ck_assert_double_eq_tol(left.rate, 6.0 * (double)MIB, 1);
	ck_assert_double_eq_tol(left.seconds, (7 * 1024 - 60) / 6.0, 0.01);
}
END_TEST

START_TEST(the_first_one_counts)
{
	struct heap_time_left left;

	grow(2 * MIB);
	limit(HEAP_LIMIT_MACHINE, 64 * GIB, GIB, 2 * MIB);
	limit(HEAP_LIMIT_GROUP_HIGH, 4 * GIB, GIB, 2 * MIB);
	limit(HEAP_LIMIT_GROUP_MAX, 8 * GIB, GIB, 2 * MIB);
	limit(HEAP_LIMIT_DATA, 5 * GIB, GIB, 0);
	left = heap_time_left(list, N);
	ck_assert_int_eq(left.kind, HEAP_LIMIT_GROUP_HIGH);
}
END_TEST

/* Address space grows in leaps; what is in reserve is left. */
START_TEST(addresses)
{
	struct heap_time_left left;
	size_t i;

	grow(2 * MIB);
	limit(HEAP_LIMIT_ADDRESSES, 2 * GIB, GIB, 0);
	for (i = 0; i < N; i++)
		profiles[i].meta.owned = 620 * MIB;
	left = heap_time_left(list, N);
	ck_assert_int_eq(left.kind, HEAP_LIMIT_ADDRESSES);
	ck_assert_double_eq_tol(left.seconds, (1024 + 500) / 2.0, 0.01);
}
END_TEST

/* Pages that jemalloc kept are taken first: usage stands still for now. */
START_TEST(kept_pages)
{
	struct heap_time_left left;
	size_t i;

	grow(2 * MIB);
	limit(HEAP_LIMIT_GROUP_MAX, 2 * GIB, GIB, 0);
	for (i = 0; i < N; i++) {
		profiles[i].meta.rss = 700 * MIB;
		profiles[i].meta.dirty = 500 * MIB - (int64_t)i * 4 * MIB;
	}
	left = heap_time_left(list, N);
	ck_assert_double_eq_tol(left.rate, 2.0 * (double)MIB, 1);
	ck_assert_double_eq_tol(left.seconds, (1024 + 480) / 2.0, 0.01);
	/* Without them it is memory that nobody touches. */
	for (i = 0; i < N; i++)
		profiles[i].meta.dirty = 0;
	ck_assert_int_eq(heap_time_left(list, N).kind, HEAP_LIMITS);
}
END_TEST

START_TEST(two_are_enough)
{
	const struct heap_profile *ends[] = { &profiles[0], &profiles[N - 1] };
	struct heap_time_left left;

	grow(2 * MIB);
	limit(HEAP_LIMIT_GROUP_MAX, 8 * GIB, GIB, 2 * MIB);
	left = heap_time_left(ends, 2);
	ck_assert_double_eq_tol(left.seconds, (7 * 1024 - 20) / 2.0, 0.01);
	ck_assert_int_eq(heap_time_left(ends, 1).kind, HEAP_LIMITS);
}
END_TEST

static void check_nothing(void)
{
	limit(HEAP_LIMIT_GROUP_MAX, 8 * GIB, GIB, 2 * MIB);
	ck_assert_int_eq(heap_time_left(list, N).kind, HEAP_LIMITS);
}

START_TEST(growth_is_not_sure)
{
	static const int64_t uneven[][N] = {
		{ 0, 9, 18, 1, 10, 19 },
		/* once, while a snapshot was taken */
		{ 0, 0, 16, 32, 32, 32 },
		{ 0, 16, 32, 32, 32, 32 },
		{ 0, 0, 0, 0, 16, 32 },
	};
	size_t i, k;

	grow(0);
	check_nothing();
	grow(-MIB);
	check_nothing();
	/* once */
	grow(0);
	for (i = 3; i < N; i++)
		profiles[i].meta.allocated += 40 * MIB;
	check_nothing();
	for (k = 0; k < ARRAY_SIZE(uneven); k++) {
		for (i = 0; i < N; i++)
			profiles[i].meta.allocated = (100 + uneven[k][i]) * MIB;
		check_nothing();
	}
	/* all of it in thread caches */
	grow(2 * MIB);
	for (i = 0; i < N; i++)
		profiles[i].meta.tcache = profiles[i].meta.allocated - 90 * MIB;
	check_nothing();
}
END_TEST

START_TEST(what_is_not_known)
{
	grow(2 * MIB);
	ck_assert_int_eq(heap_time_left(list, N).kind, HEAP_LIMITS);
	profiles[2].meta.allocated = -1;
	check_nothing();
	grow(2 * MIB);
	profiles[2].meta.pid = 8;
	check_nothing();
	grow(2 * MIB);
	profiles[3].meta.taken_at_us = profiles[2].meta.taken_at_us;
	check_nothing();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("heap/time_left");
	TCase *tcase = tcase_create("time_left");

	tcase_add_test(tcase, reached_in_so_many_seconds);
	tcase_add_test(tcase, live_bytes_that_fell);
	tcase_add_test(tcase, others_of_the_group_count);
	tcase_add_test(tcase, the_first_one_counts);
	tcase_add_test(tcase, addresses);
	tcase_add_test(tcase, kept_pages);
	tcase_add_test(tcase, two_are_enough);
	tcase_add_test(tcase, growth_is_not_sure);
	tcase_add_test(tcase, what_is_not_known);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
