/* Trends: the line is that of a textbook, its error is what it says over
 * simulated heaps, and the verdicts are right, also where only chance is at
 * work. */
#include "heap/trend.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "heap/unbias.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/sampling.h"

enum { MOST = 50 };

static struct heap_trend exact(const double *values, size_t n)
{
	struct heap_counts counts[MOST] = { 0 };
	double times[MOST];
	size_t i;

	for (i = 0; i < n; i++) {
		times[i] = (double)i;
		counts[i].bytes = values[i];
		counts[i].samples = (uint64_t)values[i];
	}
	return heap_trend_of(times, counts, n);
}

/* Slope and error by hand: t = 0 1 2 3, v = 1 3 4 8; mean 1.5 and 4; Stt 5,
 * Stv 11, so 2.2; residuals 0.3 0.1 -1.1 0.7 (sum of squares 1.8), error
 * sqrt(1.8 / 2 / 5). */
START_TEST(least_squares)
{
	struct heap_trend t = exact((const double[]){ 1, 3, 4, 8 }, 4);

	ck_assert_double_eq_tol(t.slope, 2.2, 1e-12);
	ck_assert_double_eq_tol(t.error, sqrt(1.8 / 2 / 5), 1e-12);
	ck_assert_uint_eq(t.steps, 3);
	ck_assert_uint_eq(t.grew, 3);
}
END_TEST

/* Of times that are not at equal distances, and a line without scatter. */
START_TEST(unequal_times)
{
	const double times[] = { 0, 1, 10 };
	struct heap_counts counts[3] = { 0 };
	struct heap_trend t;
	size_t i;

	for (i = 0; i < 3; i++)
		counts[i].bytes = 100 + 7 * times[i];
	t = heap_trend_of(times, counts, 3);
	ck_assert_double_eq_tol(t.slope, 7, 1e-12);
	ck_assert_double_eq_tol(t.error, 0, 1e-12);
}
END_TEST

/* Two points have a slope and no scatter; with sampling they have an error. */
START_TEST(two_points)
{
	const double times[] = { 0, 2 };
	struct heap_counts counts[2] = { heap_unbias(100, 6400, 524288),
					 heap_unbias(100, 6400, 524288) };
	struct heap_trend t = exact((const double[]){ 1, 3 }, 2);

	ck_assert_double_eq(t.slope, 2);
	ck_assert_double_eq(t.error, 0);
	t = heap_trend_of(times, counts, 2);
	ck_assert_double_eq_tol(
		t.error,
		heap_counts_change_error(&counts[0], &counts[1], -1) / 2, 1);
}
END_TEST

static const struct {
	const char *name;
	size_t n;
	double values[8];
	enum heap_verdict verdict;
} shapes[] = {
	{ "nothing", 3, { 5, 5, 5 }, HEAP_FLAT },
	{ "zero", 3, { 0, 0, 0 }, HEAP_FLAT },
	{ "line", 3, { 0, 10, 20 }, HEAP_STEADY },
	{ "leak with dips", 6, { 0, 10, 8, 20, 18, 30 }, HEAP_STEADY },
	{ "once", 5, { 5, 5, 5, 50, 50 }, HEAP_STEP },
	{ "once, of three", 3, { 5, 5, 50 }, HEAP_STEP },
	{ "once, at the start", 3, { 5, 50, 50 }, HEAP_STEP },
	{ "two steps of six", 7, { 0, 0, 10, 10, 10, 20, 20 }, HEAP_STEP },
	{ "cache", 6, { 0, 10, 0, 10, 0, 10 }, HEAP_CYCLES },
	{ "cache, full at first", 5, { 10, 0, 10, 0, 10 }, HEAP_CYCLES },
	{ "saw", 8, { 0, 3, 6, 9, 0, 3, 6, 9 }, HEAP_CYCLES },
	{ "there and back", 3, { 0, 10, 0 }, HEAP_CYCLES },
	{ "less and less", 4, { 30, 20, 10, 0 }, HEAP_SHRINKING },
	{ "gone", 4, { 30, 30, 0, 0 }, HEAP_SHRINKING },
};

START_TEST(verdicts)
{
	struct heap_trend t;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		t = exact(shapes[i].values, shapes[i].n);
		ck_assert_msg(t.verdict == shapes[i].verdict, "%s: %s",
			      shapes[i].name, heap_verdict_name(t.verdict));
	}
}
END_TEST

static double next_normal(uint64_t *state)
{
	return sqrt(-2 * log(next_random(state))) *
	       cos(2 * M_PI * next_random(state));
}

/* What sampling makes of @bytes in small objects: about a Poisson number of
 * samples, here its normal limit, each for a period. */
static struct heap_counts observe(uint64_t *state, double bytes, double period)
{
	double mean = bytes / period;
	double n = round(mean + sqrt(mean) * next_normal(state));

	return n > 0 ? heap_unbias((uint64_t)n, (uint64_t)n * 64,
				   (uint64_t)period)
		     : (struct heap_counts){ 0 };
}

/*
 * 2,000 leaks over 6 snapshots, each observed independently: the slope is
 * unbiased within four deviations of the mean, and the truth within 2 errors in
 * 93 to 98 %. The error is multiplied by the scatter where that is above 1, so
 * it is a little too large rather than too small; were it a quarter too small,
 * 87 % would be covered.
 */
START_TEST(slope_and_error)
{
	const double period = 65536, start = 100 * period, slope = 8 * period;
	uint64_t state = 20260201;
	double times[6], sum = 0, sum2 = 0, off;
	int run, runs = 2000, covered = 0;
	struct heap_counts counts[6];
	struct heap_trend t;
	size_t i;

	for (run = 0; run < runs; run++) {
		for (i = 0; i < 6; i++) {
			times[i] = (double)i;
			counts[i] = observe(&state, start + slope * times[i],
					    period);
		}
		t = heap_trend_of(times, counts, 6);
		off = t.slope - slope;
		sum += off;
		sum2 += off * off;
		covered += fabs(off) <= 2 * t.error;
	}
	ck_assert_double_le(fabs(sum / runs), 4 * sqrt(sum2) / runs);
	ck_assert_int_ge(covered, runs * 93 / 100);
	ck_assert_int_le(covered, runs * 98 / 100);
}
END_TEST

/* What does not change is noise, for any number of snapshots: the rule is wrong
 * in 5 of 100 cases at most, and 2,000 have a deviation of 0.5 %. */
START_TEST(chance_is_noise)
{
	static const size_t sizes[] = { 3, 5, 10, 20, 50 };
	uint64_t state = 20260202;
	struct heap_counts counts[MOST];
	double times[MOST];
	size_t i, k;

	for (k = 0; k < ARRAY_SIZE(sizes); k++) {
		int run, runs = 2000, wrong = 0;

		for (run = 0; run < runs; run++) {
			struct heap_trend t;

			for (i = 0; i < sizes[k]; i++) {
				times[i] = (double)i;
				counts[i] = observe(&state, 100 * 65536, 65536);
			}
			t = heap_trend_of(times, counts, sizes[k]);
			wrong += t.verdict != HEAP_NOISE &&
				 t.verdict != HEAP_FLAT;
		}
		ck_assert_msg(wrong <= runs * 7 / 100, "%d of %d with %zu",
			      wrong, runs, sizes[k]);
	}
}
END_TEST

/* A leak of 4 errors a step is found with sampling too. */
START_TEST(leaks_are_found)
{
	uint64_t state = 20260203;
	struct heap_counts counts[5];
	const double times[] = { 0, 1, 2, 3, 4 };
	int run, runs = 500, right = 0;
	size_t i;

	for (run = 0; run < runs; run++) {
		for (i = 0; i < 5; i++)
			counts[i] = observe(
				&state, (100 + 60 * times[i]) * 65536, 65536);
		right += heap_trend_of(times, counts, 5).verdict == HEAP_STEADY;
	}
	ck_assert_int_ge(right, runs * 98 / 100);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/trend", least_squares, unequal_times,
			    two_points, verdicts, slope_and_error,
			    chance_is_noise, leaks_are_found);
}
