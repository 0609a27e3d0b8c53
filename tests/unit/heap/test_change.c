/*
 * How sure one is of a change when jemalloc counts what was allocated
 * (prof_accum): in 4,000 simulated leaks of one place the truth lies within 2
 * standard errors of the estimated change in 93 to 97 % of those with 10
 * samples or more that came or went, where only older objects were freed; it
 * may be more where new ones were freed as well, since the error is an upper
 * bound then. And it is far smaller than the error of two independent numbers
 * where most objects live in both.
 *
 * The power is that of test_coverage.c: at 4,000 cases the band is 4 deviations
 * wide to the nearer end, and errors 10 % off are outside of it.
 */
#include <math.h>

#include "heap/unbias.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/sampling.h"

enum { CASES = 6000, SIZES = 3 };

static const double period = 524288;

/* What a dump counts at a place. */
struct place {
	double n, bytes, objects, corrected;
};

/* What is sampled of so many objects of @size that @n samples are to be
 * expected; *bytes: their true size. */
static struct place sample(uint64_t *state, double n, double size,
			   double *bytes)
{
	const double seen = -expm1(-size / period), objects = round(n / seen);
	const double hits = binomial(state, objects, seen);

	*bytes = objects * size;
	return (struct place){ hits, hits * size, hits / seen,
			       hits * size / seen };
}

static void place_add(struct place *to, const struct place *from)
{
	to->n += from->n;
	to->bytes += from->bytes;
	to->objects += from->objects;
	to->corrected += from->corrected;
}

static struct heap_counts read_place(const struct place *p)
{
	if (!(p->n > 0))
		return (struct heap_counts){ 0 };
	return read_as_5_3(p->objects, p->corrected, period);
}

/* What happens at a place; objects are given by how many are sampled. */
static const struct history {
	const char *name;
	double sizes[SIZES]; /* of each as many samples; 0: no more */
	double past;	     /* freed before the first dump */
	double stay;	     /* in both dumps */
	double old_freed;    /* in the first only */
	double new_kept;     /* in the second only */
	double new_freed;    /* in none, but counted by the second */
	double most; /* error, as a share of that of independent numbers */
} histories[] = {
	{ "leak", { 64 }, 100, 1000, 0, 50, 0, 0.2 },
	{ "large objects leak", { 262144 }, 100, 1000, 0, 50, 0, 0.2 },
	{ "shrinks", { 64 }, 0, 500, 100, 0, 0, 0.35 },
	{ "replaced", { 4096 }, 50, 200, 100, 100, 0, 0.6 },
	{ "all new", { 64 }, 0, 0, 60, 80, 0, 1 },
	{ "mixed sizes leak", { 64, 4096, 65536 }, 99, 900, 9, 90, 0, 0.35 },
	{ "churn", { 64 }, 0, 1000, 20, 40, 60, 0.4 },
	{ "much churn", { 64 }, 0, 100, 20, 40, 3000, 1 },
};

struct result {
	int n, covered;
	double error, independent; /* sums */
};

/* The two dumps: what is in use, and what was allocated. */
struct dumps {
	struct place before, after, ever_before, ever_after;
	double truth; /* change in bytes */
	double moved; /* samples that are in one of them */
};

static void simulate(uint64_t *state, const struct history *h, double size,
		     double share, struct dumps *d)
{
	double came, gone, other;
	struct place past = sample(state, h->past * share, size, &other);
	struct place both = sample(state, h->stay * share, size, &other);
	struct place old = sample(state, h->old_freed * share, size, &gone);
	struct place new = sample(state, h->new_kept * share, size, &came);
	struct place lost = sample(state, h->new_freed * share, size, &other);

	place_add(&d->before, &both);
	place_add(&d->before, &old);
	place_add(&d->ever_before, &past);
	place_add(&d->ever_before, &both);
	place_add(&d->ever_before, &old);
	place_add(&d->after, &both);
	place_add(&d->after, &new);
	place_add(&d->ever_after, &past);
	place_add(&d->ever_after, &both);
	place_add(&d->ever_after, &old);
	place_add(&d->ever_after, &new);
	place_add(&d->ever_after, &lost);
	d->truth += came - gone;
	d->moved += old.n + new.n;
}

static void run(uint64_t *state, const struct history *h, struct result *r)
{
	struct heap_counts a, b, x, y;
	struct dumps d = { 0 };
	size_t i, n = 0;
	double error;

	while (n < SIZES && h->sizes[n] > 0)
		n++;
	for (i = 0; i < n; i++)
		simulate(state, h, h->sizes[i], 1 / (double)n, &d);
	if (d.moved < 10)
		return;
	a = read_place(&d.before);
	b = read_place(&d.after);
	x = read_place(&d.ever_before);
	y = read_place(&d.ever_after);
	error = heap_counts_change_error(&a, &b,
					 y.bytes_variance - x.bytes_variance);
	r->n++;
	r->covered += fabs(b.bytes - a.bytes - d.truth) <= 2 * error;
	r->error += error;
	r->independent += heap_counts_change_error(&a, &b, -1);
}

START_TEST(the_truth_is_covered)
{
	const struct history *h = &histories[_i];
	uint64_t state = 20260401 + (uint64_t)_i;
	struct result r = { 0 };
	double share;
	int i;

	for (i = 0; i < CASES; i++)
		run(&state, h, &r);
	ck_assert_int_ge(r.n, 4000);
	share = (double)r.covered / r.n;
	ck_assert_msg(share >= 0.93 && (share <= 0.97 || h->new_freed > 0),
		      "%s: %.2f %%", h->name, 100 * share);
	ck_assert_msg(r.error <= h->most * r.independent, "%s: %.3f", h->name,
		      r.error / r.independent);
}
END_TEST

START_TEST(limits)
{
	struct heap_counts a = heap_unbias(10, 640, 4096), b, none = { 0 };
	double both;

	b = heap_unbias(20, 1280, 4096);
	both = sqrt(a.bytes_variance + b.bytes_variance);
	/* Not known, or absurd. */
	ck_assert_double_eq(heap_counts_change_error(&a, &b, -1), both);
	ck_assert_double_eq(heap_counts_change_error(&a, &b, 1e300), both);
	/* Ten objects came, or went: at least these are not in both. */
	ck_assert_double_eq_tol(heap_counts_change_error(&a, &b, 0),
				heap_counts_error(&a), 1e-6);
	ck_assert_double_eq_tol(heap_counts_change_error(&b, &a, 0),
				heap_counts_error(&a), 1e-6);
	ck_assert_double_eq(heap_counts_change_error(&a, &a, 0), 0);
	ck_assert_double_eq(heap_counts_change_error(&none, &none, 0), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("heap/change");
	TCase *tcase = tcase_create("change");

	tcase_add_loop_test(tcase, the_truth_is_covered, 0,
			    sizeof(histories) / sizeof(histories[0]));
	tcase_add_test(tcase, limits);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
