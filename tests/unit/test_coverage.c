/*
 * A thousand heaps with known truth, sampled as jemalloc samples and written as
 * jemalloc 5.2 and as 5.3 write: the truth lies within 2 standard errors of the
 * estimate in 93 to 97 % of the stacks that have 10 samples or more.
 *
 * Sizes are mixed: each stack allocates objects of up to four size classes from
 * 8 B to 8 MiB, the period is 512 KiB. What is sampled: every object with its
 * own probability 1 - exp(-size / period), which is what the exponential
 * distances come to.
 *
 * 5.2 writes what was sampled, so a reader sees only the mean size, and
 * corrects all objects by that: where sizes are mixed as wildly as here this is
 * biased by more than its error, whoever reads it (79 % are covered). So of 5.2
 * stacks of one size are asked for. 5.3 corrects by size before it writes; all
 * stacks are asked for. jemalloc's own correction knows the sizes, the error of
 * a reader does not: it takes all objects as of the mean size, which is exact
 * for one size.
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

enum { HEAPS = 1000, STACKS = 8, CLASSES = 4 };

static const double period = 524288;

/* splitmix64 (Steele, Lea, Flood 2014): the same numbers in every run. */
static double next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return ((double)((z ^ z >> 31) >> 11) + 0.5) * 0x1p-53;
}

/* How many of @n objects are sampled, each with probability @seen: by the
 * distances between those that are, which are geometric. */
static uint64_t binomial(uint64_t *state, uint64_t n, double seen)
{
	double at = 0, scale = log1p(-seen);
	uint64_t hits = 0;

	if (seen >= 1)
		return n;
	for (;; hits++) {
		at += floor(log(next_random(state)) / scale) + 1;
		if (at > (double)n)
			return hits;
	}
}

struct stack {
	double bytes; /* the truth */
	/* Sampled: counted, and corrected by size. */
	double n, sum, objects, corrected;
};

/* Sizes are spread evenly over the powers of 2; so many objects that 5 to 200
 * of them are sampled. */
static struct stack simulate(uint64_t *state, int classes)
{
	struct stack s = { 0 };
	int i;

	for (i = 0; i < classes; i++) {
		double size = exp2(3 + floor(next_random(state) * 21));
		double seen = -expm1(-size / period);
		double want = 5 * exp(next_random(state) * log(40)) / classes;
		uint64_t count = (uint64_t)ceil(want / seen);
		double n = (double)binomial(state, count, seen);

		s.bytes += (double)count * size;
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

/* prof_data.c, prof_do_unbias() */
static struct heap_counts as_5_3(const struct stack *s)
{
	double x = s->corrected / s->objects;
	double y = s->corrected * -expm1(-x / period);

	return heap_unbias((uint64_t)llround(y / x), (uint64_t)llround(y),
			   (uint64_t)period);
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

static void check_coverage(const struct coverage *c)
{
	double share = (double)c->covered / c->stacks;

	ck_assert_int_ge(c->stacks, 3000);
	ck_assert_msg(share >= 0.93 && share <= 0.97, "%d of %d: %.2f %%",
		      c->covered, c->stacks, 100 * share);
}

static struct coverage run(uint64_t seed, int classes, bool prepared)
{
	struct coverage c = { 0 };
	uint64_t state = seed;
	int i;

	for (i = 0; i < HEAPS * STACKS; i++) {
		int k = classes ? classes
				: 1 + (int)(next_random(&state) * CLASSES);
		struct stack s = simulate(&state, k);

		if (s.n > 0)
			count(&c, &s, prepared ? as_5_3(&s) : as_5_2(&s));
	}
	return c;
}

START_TEST(one_size_as_5_2)
{
	struct coverage c = run(20260301, 1, false);

	check_coverage(&c);
}
END_TEST

START_TEST(one_size_as_5_3)
{
	struct coverage c = run(20260302, 1, true);

	check_coverage(&c);
}
END_TEST

START_TEST(mixed_sizes_as_5_3)
{
	struct coverage c = run(20260303, 0, true);

	check_coverage(&c);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/coverage", one_size_as_5_2, one_size_as_5_3,
			    mixed_sizes_as_5_3);
}
