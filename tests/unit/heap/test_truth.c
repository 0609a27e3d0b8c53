/* Real dumps of programs whose heap is known (tests/data/README.heap.md): the
 * truth is within the error, exact without sampling, and the total is the one
 * that jeprof comes to. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "heap/format/read.h"
#include "heap/unbias.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/sampling.h"

static const struct {
	const char *path;
	double bytes;
} dumps[] = {
	{ "tests/data/jemalloc-3.6.0.heap", 36127360 },
	{ "tests/data/jemalloc-3.6.0-every-allocation.heap", 36127360 },
	{ "tests/data/jemalloc-5.2.1.heap", 36127360 },
	{ "tests/data/jemalloc-5.3.1-accum.heap", 36127360 },
	{ "tests/data/jemalloc-5.3.0-sampled.heap", 7179840 },
	{ "tests/data/jemalloc-5.3.0-exact.heap", 7179840 },
	{ "tests/data/jemalloc-5.3.0-exact-restarted.heap", 7739840 },
};

/* The largest is 1.2 standard errors off; three are exceeded by chance once in
 * 370 dumps, and these dumps do not change. */
START_TEST(truth_is_within_the_error)
{
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dumps); i++) {
		hs_ck_ok(heap_read_file(dumps[i].path, &p));
		ck_assert_double_le(fabs(p.total.bytes - dumps[i].bytes),
				    3 * heap_counts_error(&p.total));
		/* The error is of use: at most a tenth. */
		ck_assert_double_le(heap_counts_error(&p.total),
				    p.total.bytes / 10);
		heap_profile_release(&p);
	}
}
END_TEST

static size_t stacks_with(const struct heap_profile *p, double objects,
			  double bytes)
{
	size_t i, n = 0;

	for (i = 0; i < p->n_stacks; i++)
		n += p->stacks[i].inuse.objects == objects &&
		     p->stacks[i].inuse.bytes == bytes;
	return n;
}

START_TEST(without_sampling_every_object_is_there)
{
	static const double want[][2] = {
		{ 100000, 800000 }, { 3000, 336000 }, { 50, 3200 },
		{ 50, 5734400 },    { 7000, 224000 }, { 1, 81920 },
		{ 1, 320 },
	};
	struct heap_profile p;
	size_t i;

	hs_ck_ok(heap_read_file("tests/data/jemalloc-5.3.0-exact.heap", &p));
	ck_assert_uint_eq(p.sample_period, 1);
	ck_assert_uint_eq(p.n_stacks, ARRAY_SIZE(want));
	for (i = 0; i < ARRAY_SIZE(want); i++)
		ck_assert_uint_eq(stacks_with(&p, want[i][0], want[i][1]), 1);
	ck_assert_double_eq(p.total.objects, 110102);
	ck_assert_double_eq(p.total.bytes, 7179840);
	ck_assert_double_eq(p.total.bytes_variance, 0);
	heap_profile_release(&p);
}
END_TEST

/* With prof_accum, a place where nothing is alive has a stack, of zeros. */
START_TEST(what_was_freed_is_not_in_use)
{
	struct heap_profile p;

	hs_ck_ok(heap_read_file("tests/data/jemalloc-5.3.1-accum.heap", &p));
	ck_assert_uint_eq(p.n_stacks, 4);
	ck_assert_uint_eq(stacks_with(&p, 0, 0), 1);
	heap_profile_release(&p);
}
END_TEST

START_TEST(modules_are_the_maps)
{
	struct heap_profile p;
	const struct heap_location *leaf;

	hs_ck_ok(heap_read_file("tests/data/jemalloc-5.2.1.heap", &p));
	ck_assert_uint_eq(p.n_modules, 2);
	ck_assert_str_eq(p.modules[0].path, "/srv/app/t-5.2.1");
	ck_assert_str_eq(p.modules[1].path,
			 "/usr/lib/x86_64-linux-gnu/libc.so.6");
	leaf = &p.locations[p.frames[p.stacks[0].first]];
	ck_assert_uint_eq(leaf->address, 0x55644fabe6cf);
	ck_assert_uint_eq(leaf->module, 0);
	/* 55644fa62000-55644faef000 r-xp 00006000 */
	ck_assert_uint_eq(leaf->offset,
			  0x55644fabe6cf - 0x55644fa62000 + 0x6000);
	heap_profile_release(&p);
}
END_TEST

/* "Total: 34371937 B", cut off to whole bytes. */
static double jeprof_total(const char *path)
{
	char command[256], line[256] = "";
	double total = -1;
	FILE *f;

	snprintf(command, sizeof(command),
		 "jeprof --text --show_bytes /bin/true %s 2>/dev/null", path);
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f) &&
	       sscanf(line, "Total: %lf B", &total) != 1)
		;
	if (f)
		pclose(f);
	if (total < 0)
		ck_abort_msg("no total from: %s", command);
	return total;
}

START_TEST(jeprof_comes_to_the_same_total)
{
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dumps); i++) {
		hs_ck_ok(heap_read_file(dumps[i].path, &p));
		ck_assert_double_eq_tol(p.total.bytes,
					jeprof_total(dumps[i].path), 1);
		heap_profile_release(&p);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("heap/truth");
	TCase *tcase = tcase_create("dumps");

	tcase_add_test(tcase, truth_is_within_the_error);
	tcase_add_test(tcase, without_sampling_every_object_is_there);
	tcase_add_test(tcase, what_was_freed_is_not_in_use);
	tcase_add_test(tcase, modules_are_the_maps);
	tcase_add_test(tcase, jeprof_comes_to_the_same_total);
	/* jeprof runs nm for each library. */
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
