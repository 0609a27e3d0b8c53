/*
 * A thousand heaps with known truth, sampled as jemalloc samples and written as
 * jemalloc 5.2 and as 5.3 write: the truth lies within 2 standard errors of the
 * estimate in 93 to 97 % of the stacks that have 10 samples or more.
 *
 * Heaps have size classes from 8 B to 8 MiB, the period is 512 KiB. A stack
 * allocates one size, sizes within a factor of 4, sizes up to 128 KiB, or up to
 * four sizes of any kind. What is sampled: every object with its own
 * probability 1 - exp(-size / period), which is what the exponential distances
 * come to.
 *
 * 5.2 writes what was sampled, so a reader sees only the mean size, and
 * corrects all objects by that. Where one stack mixes small objects and such
 * above the period this is low by more than its error, whoever reads it: of
 * these stacks the share that is covered is shown to be what
 * heapsnap-numbers(7) says, and the estimate to be within the bounds that it
 * derives. 5.3 corrects by size before it writes; all stacks are asked for.
 * jemalloc's own correction knows the sizes, the error of a reader does not: it
 * takes all objects as of the mean size, which is exact for one size.
 *
 * The power: with about 3,000 stacks and more a true coverage of 95.4 % (normal
 * estimates) has a deviation of 0.4 %, so the band is 4 deviations wide to the
 * nearer end. An error that is 10 % too small would cover 92.8 %, one 10 % too
 * large 97.2 %, an error without the factor (1 - p) far more: all are outside.
 */
#include <math.h>
#include <stdlib.h>

#include "heap/unbias.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/sampling.h"

enum { HEAPS = 1000, STACKS = 8, CLASSES = 4 };

static const double period = 524288;

struct stack {
	double bytes; /* the truth */
	/* Sampled: counted, and corrected by size. */
	double n, sum, objects, corrected;
};

/* What a stack allocates: objects of so many size classes, of which jemalloc
 * has four a doubling, all within so many doublings. */
struct shape {
	int classes; /* 0: 1 to CLASSES */
	int doublings;
	int most; /* the largest size is 2 to this power; the smallest is 8 */
};

/* So many objects that 5 to 200 of them are sampled. */
static struct stack simulate(uint64_t *state, const struct shape *shape)
{
	const int headroom = shape->most - 3 - shape->doublings;
	double least = 3 + floor(next_random(state) * (headroom + 1));
	int classes = shape->classes, i;
	struct stack s = { 0 };

	if (!classes)
		classes = 1 + (int)(next_random(state) * CLASSES);
	for (i = 0; i < classes; i++) {
		double step =
			floor(next_random(state) * (4 * shape->doublings + 1));
		double size = exp2(least + step / 4);
		double seen = -expm1(-size / period);
		double want = 5 * exp(next_random(state) * log(40)) / classes;
		double count = ceil(want / seen);
		double n = binomial(state, count, seen);

		s.bytes += count * size;
		s.n += n;
		s.sum += n * size;
		s.objects += n / seen;
		s.corrected += n * size / seen;
	}
	return s;
}

static struct heap_counts as_5_2(const struct stack *s)
{
	return heap_unbias((uint64_t)s->n, (uint64_t)s->sum, (uint64_t)period);
}

static struct heap_counts as_5_3(const struct stack *s)
{
	return read_as_5_3(s->objects, s->corrected, period);
}

struct coverage {
	int stacks, covered;
	double error, truth; /* sums */
};

static void count(struct coverage *c, const struct stack *s,
		  struct heap_counts estimate)
{
	double off = estimate.bytes - s->bytes;

	if (s->n < 10)
		return;
	/* Rounding to bytes is no error of sampling. */
	c->stacks++;
	c->covered += fabs(off) <= 2 * heap_counts_error(&estimate) + 1;
	c->error += off;
	c->truth += s->bytes;
}

static double share_of(const struct coverage *c)
{
	ck_assert_int_ge(c->stacks, 3000);
	return (double)c->covered / c->stacks;
}

static void check_coverage(const struct coverage *c)
{
	double share = share_of(c);

	ck_assert_msg(share >= 0.93 && share <= 0.97, "%d of %d: %.2f %%",
		      c->covered, c->stacks, 100 * share);
}

static struct coverage run(uint64_t seed, const struct shape *shape,
			   bool prepared)
{
	struct coverage c = { 0 };
	uint64_t state = seed;
	int i;

	for (i = 0; i < HEAPS * STACKS; i++) {
		struct stack s = simulate(&state, shape);

		if (s.n > 0)
			count(&c, &s, prepared ? as_5_3(&s) : as_5_2(&s));
	}
	return c;
}

static const struct shape one_size = { 1, 20, 23 };
static const struct shape narrow = { CLASSES, 2, 23 };
static const struct shape small = { CLASSES, 14, 17 };
static const struct shape any_size = { 0, 20, 23 };

static const struct {
	const struct shape *shape;
	bool prepared; /* as 5.3 */
} covered[] = {
	{ &one_size, false }, { &one_size, true }, { &narrow, false },
	{ &narrow, true },    { &small, false },   { &small, true },
	{ &any_size, true },
};

START_TEST(the_truth_is_covered)
{
	struct coverage c = run(20260301 + (uint64_t)_i, covered[_i].shape,
				covered[_i].prepared);

	check_coverage(&c);
}
END_TEST

/* What heapsnap-numbers(7) says of stacks that mix sizes, as 5.2 writes. */
START_TEST(wild_mixes_as_5_2)
{
	static const struct {
		int doublings;
		double share;
	} want[] = { { 3, 0.93 }, { 4, 0.92 }, { 6, 0.91 } };
	struct coverage c = run(20260320, &any_size, false);
	size_t i;

	ck_assert_double_eq_tol(share_of(&c), 0.81, 0.015);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct shape shape = { CLASSES, want[i].doublings, 23 };

		c = run(20260321 + i, &shape, false);
		ck_assert_double_eq_tol(share_of(&c), want[i].share, 0.015);
	}
}
END_TEST

/* However sizes are mixed, the estimate by the mean size is at most the one
 * by the sizes, and less than that by no more than is derived. */
START_TEST(bounds_of_wild_mixes)
{
	uint64_t state = 20260330;
	int i;

	for (i = 0; i < HEAPS * STACKS; i++) {
		struct stack s = simulate(&state, &any_size);
		struct heap_counts c = as_5_2(&s);

		if (!s.n)
			continue;
		/* as_5_2() is of whole bytes. */
		ck_assert_double_le(c.bytes, s.corrected * (1 + 1e-6));
		ck_assert_double_ge(s.n * period + s.sum, s.corrected);
		ck_assert_double_ge(c.bytes * 1.2985, s.corrected);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("heap/coverage");
	TCase *tcase = tcase_create("coverage");

	tcase_add_loop_test(tcase, the_truth_is_covered, 0,
			    sizeof(covered) / sizeof(covered[0]));
	tcase_add_test(tcase, wild_mixes_as_5_2);
	tcase_add_test(tcase, bounds_of_wild_mixes);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
