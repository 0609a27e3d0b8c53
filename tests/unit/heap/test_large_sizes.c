/* Large objects of jemalloc 5.3.1, whose profiler counts them as large as their
 * size classes: what is read is what was asked for, rounded to pages; in real
 * snapshots of a program that says what it allocated
 * (tests/data/README.heap.md), and in simulated profiles. */
#include "heap/large_sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "heap/format/snapshot.h"
#include "heap/merge.h"
#include "heap/unbias.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/sampling.h"

#define DATA "tests/data/jemalloc-5.3.1-large"

/* What the program allocated: one row a function. */
static const struct truth {
	const char *path, *function;
	double objects, bytes;
} truths[] = {
	{ DATA ".heap", "buffers", 40, 40 * 4300800. },
	{ DATA "-exact.heap", "buffers", 40, 40 * 4300800. },
	{ DATA "-mixed.heap", "buffers", 40, 40 * 4300800. },
	{ DATA "-mixed.heap", "images", 60, 60 * 1101824. },
	{ DATA "-mixed.heap", "pages", 600, 600 * 73728. },
	/* disable_large_size_classes:false: sizes are those of classes. */
	{ DATA "-classes.heap", "buffers", 40, 40 * 5242880. },
	{ DATA "-classes.heap", "images", 60, 60 * 1310720. },
	{ DATA "-classes.heap", "pages", 600, 600 * 81920. },
};

static bool has_frame(const struct heap_profile *p,
		      const struct heap_stack *stack, const char *function)
{
	uint32_t i;

	for (i = 0; i < stack->depth; i++) {
		const struct heap_location *loc =
			&p->locations[p->frames[stack->first + i]];

		if (loc->n_names && p->names[loc->names].function &&
		    !strcmp(p->names[loc->names].function, function))
			return true;
	}
	return false;
}

static struct heap_counts counts_of(const struct heap_profile *p,
				    const char *function)
{
	struct heap_counts sum = { 0 };
	size_t i;

	for (i = 0; i < p->n_stacks; i++)
		if (has_frame(p, &p->stacks[i], function))
			heap_counts_add(&sum, &p->stacks[i].inuse);
	return sum;
}

/* Three errors are exceeded by chance once in 370 stacks, and these snapshots
 * do not change. */
START_TEST(the_program_is_right)
{
	struct heap_counts c;
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(truths); i++) {
		const struct truth *t = &truths[i];

		hs_ck_ok(heap_read_file(t->path, &p));
		c = counts_of(&p, t->function);
		ck_assert_double_le(fabs(c.bytes - t->bytes),
				    3 * heap_counts_error(&c) + 1);
		/* The error is of use. */
		ck_assert_double_le(heap_counts_error(&c), t->bytes / 6);
		ck_assert_double_le(fabs(c.objects - t->objects),
				    t->objects / 6);
		heap_profile_release(&p);
	}
}
END_TEST

/* Where there is one size it is known to the byte. */
START_TEST(one_size_is_exact)
{
	struct heap_counts c;
	struct heap_profile p;

	hs_ck_ok(heap_read_file(DATA "-exact.heap", &p));
	c = counts_of(&p, "buffers");
	ck_assert_double_eq_tol(c.bytes, 40 * 4300800., 8192);
	ck_assert_double_eq(c.objects, 40);
	ck_assert_double_le(heap_counts_error(&c), 8192);
	/* small, and the emergency pool of the C++ library, 73,728 B */
	ck_assert_double_eq_tol(p.total.bytes,
				40 * 4300800. + 1000 * 64 + 73728, 16384);
	heap_profile_release(&p);
}
END_TEST

/* The total is what jemalloc has allocated. */
START_TEST(the_total_agrees_with_jemallocs)
{
	static const char *const paths[] = { DATA ".heap", DATA "-exact.heap",
					     DATA "-mixed.heap",
					     DATA "-classes.heap" };
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		hs_ck_ok(heap_read_file(paths[i], &p));
		/* Without sampling each small object takes up 16 KiB. */
		if (p.sample_period > 1)
			ck_assert_double_le(
				fabs(p.total.bytes - (double)(p.meta.allocated -
							      p.meta.tcache)),
				2 * heap_counts_error(&p.total) + 65536);
		heap_profile_release(&p);
	}
}
END_TEST

START_TEST(gaps_are_those_of_the_classes)
{
	static const uint64_t want[][2] = {
		{ 8, 0 },
		{ 14336, 0 },
		{ 32768, 0 },
		{ 40960, 4096 },
		{ 65536, 4096 },
		{ 81920, 12288 },
		{ 1 << 20, 126976 },
		{ 5 << 20, (1 << 20) - 4096 },
		{ UINT64_MAX, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++)
		ck_assert_uint_eq(heap_large_sizes_gap(want[i][0], 4096),
				  want[i][1]);
}
END_TEST

/* The classes of -mixed have the bytes that jemalloc has allocated. */
START_TEST(classes_add_up_to_what_is_allocated)
{
	static const struct {
		uint64_t size;
		int64_t n;
	} classes[] = {
		{ 5242880, 40 },
		{ 1310720, 60 },
		{ 81920, 601 },
	};
	struct heap_profile p;
	int64_t rest, sum = 0;
	size_t i;

	hs_ck_ok(heap_read_file(DATA "-mixed.heap", &p));
	/* Those below are as large as their classes. */
	rest = p.meta.large_most;
	for (i = 0; i < ARRAY_SIZE(classes); i++) {
		rest -= (int64_t)classes[i].size * classes[i].n;
		sum += heap_large_sizes_bytes(&p.meta, classes[i].size,
					      classes[i].n);
	}
	ck_assert_int_ge(rest, 0);
	ck_assert_int_le(llabs(sum + rest - p.meta.large_allocated), 3);
	p.meta.large_classes = 1;
	ck_assert_int_eq(heap_large_sizes_bytes(&p.meta, 5242880, 40),
			 209715200);
	heap_profile_release(&p);
}
END_TEST

/* The class of @size, by trying them. */
static double class_of(double size)
{
	double power, quarter;

	for (power = 4096;; power *= 2)
		for (quarter = 1.25; quarter <= 2; quarter += 0.25)
			if (power * quarter >= size)
				return power * quarter;
}

enum { STACKS = 8, RUNS = 300 };

/* Samples @n objects of @size as jemalloc 5.3.1 does, and reads what it
 * writes. */
static struct heap_counts sample(uint64_t *state, double n, double size,
				 double period)
{
	double counted = class_of(size);
	double hits = binomial(state, n, -expm1(-size / period));
	double one = hits / -expm1(-counted / period);

	if (hits == 0)
		return (struct heap_counts){ 0 };
	return read_as_5_3(one, one * counted, period);
}

/* Stacks of any sizes and numbers, one size each. */
START_TEST(simulated_stacks_are_within_their_errors)
{
	const double period = 1 << 19;
	uint64_t state = 20260413;
	double sizes[STACKS], numbers[STACKS], least, off;
	size_t run, i, within = 0, n = 0;

	for (run = 0; run < RUNS; run++) {
		struct heap_stack stacks[STACKS] = { 0 };
		struct heap_profile p = { .stacks = stacks,
					  .n_stacks = STACKS,
					  .sample_period = 1 << 19 };

		heap_meta_init(&p.meta);
		p.meta.large_classes = 0;
		p.meta.page = 4096;
		p.meta.large_allocated = p.meta.large_most = 0;
		p.meta.large_least = 0;
		for (i = 0; i < STACKS; i++) {
			sizes[i] =
				4096 * floor(10 * exp(next_random(&state) * 7));
			numbers[i] = floor(exp(next_random(&state) * 6)) +
				     ceil(20 * period / sizes[i]);
			stacks[i].inuse =
				sample(&state, numbers[i], sizes[i], period);
			least = class_of(sizes[i]);
			p.meta.large_most += (int64_t)(numbers[i] * least);
			least -= (double)heap_large_sizes_gap((uint64_t)least,
							      4096);
			p.meta.large_least += (int64_t)(numbers[i] * least);
			p.meta.large_allocated +=
				(int64_t)(numbers[i] * sizes[i]);
		}
		heap_large_sizes_correct(&p, &p.meta);
		for (i = 0; i < STACKS; i++) {
			off = fabs(stacks[i].inuse.bytes -
				   numbers[i] * sizes[i]);
			within += off <=
				  2 * heap_counts_error(&stacks[i].inuse);
			n++;
		}
	}
	ck_assert_double_ge((double)within, 0.93 * (double)n);
}
END_TEST

/* A snapshot of an earlier heapsnap: by its version, and jemalloc's total. */
START_TEST(without_the_numbers_the_total_decides)
{
	struct heap_stack stack = { 0 };
	struct heap_profile p = { .stacks = &stack,
				  .n_stacks = 1,
				  .sample_period = 1 << 19 };

	heap_meta_init(&p.meta);
	p.meta.jemalloc_version = "5.3.1-0-g81034ce1";
	p.meta.allocated = 40 * 4300800;
	stack.inuse = read_as_5_3(40, 40 * 5242880., 1 << 19);
	p.total = stack.inuse;
	heap_large_sizes_correct(&p, &p.meta);
	ck_assert_double_eq_tol(stack.inuse.bytes, 40 * 4300800., 65536);
	ck_assert_double_eq_tol(p.total.bytes, 40 * 4300800., 65536);
	/* The other sizes of the class are possible still. */
	ck_assert_double_ge(heap_counts_error(&stack.inuse), 40 * 262144.);

	/* Of 5.3.0 all is as it stands there. */
	p.meta.jemalloc_version = "5.3.0-0-g54eaed1d";
	stack.inuse = read_as_5_3(40, 40 * 5242880., 1 << 19);
	heap_large_sizes_correct(&p, &p.meta);
	ck_assert_double_eq_tol(stack.inuse.bytes, 40 * 5242880., 65536);
}
END_TEST

/* What is merged is right already, and stays so. */
START_TEST(what_is_merged_is_corrected_once)
{
	struct heap_profile a, b, sum, again;
	const struct heap_profile *const both[] = { &a, &b };
	_cleanup_strbuf_ struct strbuf text = { 0 };

	hs_ck_ok(heap_read_file(DATA ".heap", &a));
	hs_ck_ok(heap_read_file(DATA "-mixed.heap", &b));
	hs_ck_ok(heap_merge(both, 2, &sum));
	ck_assert_double_eq_tol(sum.total.bytes, a.total.bytes + b.total.bytes,
				1);
	heap_merge_dump(&text, &sum);
	heap_snapshot_lines(&text, &sum);
	hs_ck_ok(heap_read(strbuf_str(&text), text.len, "merged", &again));
	ck_assert_double_eq_tol(again.total.bytes, sum.total.bytes,
				sum.total.bytes / 1000);
	heap_profile_release(&a);
	heap_profile_release(&b);
	heap_profile_release(&sum);
	heap_profile_release(&again);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("heap/large_sizes");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, the_program_is_right);
	tcase_add_test(tcase, one_size_is_exact);
	tcase_add_test(tcase, the_total_agrees_with_jemallocs);
	tcase_add_test(tcase, gaps_are_those_of_the_classes);
	tcase_add_test(tcase, classes_add_up_to_what_is_allocated);
	tcase_add_test(tcase, simulated_stacks_are_within_their_errors);
	tcase_add_test(tcase, without_the_numbers_the_total_decides);
	tcase_add_test(tcase, what_is_merged_is_corrected_once);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
