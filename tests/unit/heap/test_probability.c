/* The distributions that changes are judged by, beside tables and sums. */
#include "heap/probability.h"

#include <math.h>

#include "base/array.h"
#include "tests/unit/hs_check.h"

/* digamma(1) is -gamma, trigamma(1) pi^2 / 6 (Abramowitz and Stegun, 6.3.2 and
 * 6.4.2), and at 1/2 they are -gamma - 2 ln 2 and pi^2 / 2. */
START_TEST(gamma_functions)
{
	const double euler = 0.57721566490153286;

	ck_assert_double_eq_tol(probability_digamma(1), -euler, 1e-9);
	ck_assert_double_eq_tol(probability_digamma(0.5), -euler - 2 * M_LN2,
				1e-9);
	ck_assert_double_eq_tol(probability_trigamma(1), M_PI * M_PI / 6, 1e-9);
	ck_assert_double_eq_tol(probability_trigamma(0.5), M_PI * M_PI / 2,
				1e-9);
	ck_assert_double_eq_tol(probability_trigamma_inverse(M_PI * M_PI / 6),
				1, 1e-6);
}
END_TEST

/* Half of the quantiles at 0.97725 of Student's t, from a table of 95.45 %
 * intervals (GUM, JCGM 100:2008, table G.2). */
START_TEST(student)
{
	static const struct {
		double df, quantile;
	} table[] = { { 2, 4.53 }, { 3, 3.31 },	 { 4, 2.87 },  { 5, 2.65 },
		      { 8, 2.37 }, { 10, 2.28 }, { 20, 2.13 }, { 100, 2.025 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		ck_assert_double_eq_tol(2 * probability_t_factor(table[i].df) /
						table[i].quantile,
					1, i ? 0.02 : 0.04);
	ck_assert_double_eq(probability_t_factor(INFINITY), 1);
	ck_assert_double_eq_tol(probability_normal_quantile(0.05), 1.959964,
				1e-5);
}
END_TEST

/* The chance that the difference of two counts of mean @events / 2 is @net or
 * more, on either side, by summing up all pairs. */
static double by_sum(int net, double events)
{
	const double mean = events / 2;
	double chance = 0, a, b;
	int i, j;

	for (i = 0; i < 400; i++)
		for (j = 0; j + net <= i; j++) {
			a = i * log(mean) - mean - lgamma(i + 1.0);
			b = j * log(mean) - mean - lgamma(j + 1.0);
			chance += exp(a + b);
		}
	return fmin(1, 2 * chance);
}

START_TEST(skellam)
{
	static const double events[] = { 0.5, 1, 2, 5, 10, 40, 150 };
	static const int nets[] = { 1, 2, 3, 5, 8, 9, 15, 30 };
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		for (k = 0; k < ARRAY_SIZE(nets); k++) {
			const double want = by_sum(nets[k], events[i]);

			if (want < 1e-12)
				continue;
			/* What is likely is judged by nobody. */
			ck_assert_double_eq_tol(
				probability_skellam(nets[k], events[i]) / want,
				1, want > 0.1 ? 0.15 : 0.05);
		}
}
END_TEST

/* With many events and few degrees of freedom it is Student's t: beyond 2.87
 * errors of 4 degrees lie 4.55 %. */
START_TEST(unknown_events)
{
	struct probability_events e = {
		.events = 1e6, .df = 4, .least = 0, .most = 1e12
	};

	ck_assert_double_eq_tol(probability_skellam_of(2870, &e), 0.0455,
				0.001);
	ck_assert_double_eq_tol(probability_skellam_of(8610, &e), 0.001, 1e-4);
	/* No more than there can be, and known. */
	e.most = 1e6;
	ck_assert_double_le(probability_skellam_of(8610, &e), 1e-15);
	e.df = INFINITY;
	ck_assert_double_eq_tol(probability_skellam_of(2000, &e), 0.0455,
				0.0005);
	e.most = 0;
	ck_assert_double_eq(probability_skellam_of(1, &e), 0);
	ck_assert_double_eq(probability_skellam_of(0, &e), 1);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/probability", gamma_functions, student,
			    skellam, unknown_events);
}
