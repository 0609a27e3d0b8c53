/*
 * snap/series: so many are taken, with a wait between two of them that what was
 * done meanwhile is part of; an error or an early end keeps what there is.
 */
#include "snap/series.h"

#include "tests/unit/hs_check.h"

enum { INTERVAL_US = 60 * 1000000, HOPELESS = -INTERVAL_US };

struct script {
	struct series_plan plan;
	size_t taken, waits;
	size_t fail_at;	  /* the snapshot that fails, from 1; 0: none */
	size_t enough_at; /* the wait that is the last; 0: none */
	size_t last_at;	  /* the wait before the last snapshot; 0: none */
	int64_t cost_us;  /* that each says it has cost */
	bool was_last;
	int64_t least_us, most_us; /* of all waits */
};

static struct hs_error *take(void *arg, bool last, struct heap_profile *ret,
			     int64_t *cost_us)
{
	struct script *s = arg;

	ck_assert(!s->was_last);
	s->was_last = last;
	*cost_us = s->cost_us;
	s->taken++;
	if (s->taken == s->fail_at)
		return hs_error_new(HS_ERROR_GONE, "it ended");
	ret->total.objects = (double)s->taken;
	return NULL;
}

static struct hs_error *wait_for_next(void *arg, const struct series_wait *wait,
				      const struct series *so_far,
				      enum series_next *next)
{
	struct script *s = arg;
	int64_t us = wait->us;

	s->waits++;
	ck_assert_uint_eq(so_far->n, s->taken);
	ck_assert_double_eq(series_last(so_far)->total.objects,
			    (double)s->taken);
	if (us < s->least_us)
		s->least_us = us;
	if (us > s->most_us)
		s->most_us = us;
	if (s->waits == s->enough_at)
		*next = SERIES_ENOUGH;
	if (s->waits == s->last_at)
		*next = SERIES_LAST;
	return NULL;
}

static void run(struct script *s, uint64_t count, int64_t interval_us,
		struct series *ret, enum hs_error_code *code)
{
	struct hs_error *err;

	s->least_us = INT64_MAX;
	s->plan = (struct series_plan){
		.count = count,
		.interval_us = interval_us,
		.take = take,
		.wait = wait_for_next,
		.arg = s,
	};
	err = series_take(ret, &s->plan);
	if (!code) {
		hs_ck_ok(err);
		return;
	}
	ck_assert_ptr_nonnull(err);
	*code = hs_error_code(err);
	hs_error_free(err);
}

START_TEST(one_waits_for_nothing)
{
	struct series series = { 0 };
	struct script s = { 0 };

	run(&s, 1, INTERVAL_US, &series, NULL);
	ck_assert_uint_eq(series.n, 1);
	ck_assert_uint_eq(s.waits, 0);
	series_release(&series);
}
END_TEST

START_TEST(several)
{
	struct series series = { 0 };
	struct script s = { 0 };
	size_t i;

	run(&s, 5, INTERVAL_US, &series, NULL);
	ck_assert_uint_eq(series.n, 5);
	ck_assert_uint_eq(s.waits, 4);
	for (i = 0; i < series.n; i++)
		ck_assert_double_eq(series.profiles[i].total.objects,
				    (double)(i + 1));
	/* From start to start: what was taken is part of the interval. */
	ck_assert_int_le(s.most_us, INTERVAL_US);
	ck_assert_int_gt(s.least_us, 0);
	series_release(&series);
	ck_assert_uint_eq(series.n, 0);
}
END_TEST

START_TEST(late_is_at_once)
{
	struct series series = { 0 };
	struct script s = { 0 };

	run(&s, 3, HOPELESS, &series, NULL);
	ck_assert_int_eq(s.least_us, 0);
	ck_assert_int_eq(s.most_us, 0);
	series_release(&series);
}
END_TEST

START_TEST(enough)
{
	struct script s = { .enough_at = 2 };
	struct series series = { 0 };

	run(&s, 9, INTERVAL_US, &series, NULL);
	ck_assert_uint_eq(series.n, 2);
	ck_assert_uint_eq(s.taken, 2);
	series_release(&series);
}
END_TEST

static void run_spread(struct script *s, uint64_t most, int64_t interval_us,
		       struct series *ret)
{
	s->least_us = INT64_MAX;
	s->plan = (struct series_plan){
		.count = most,
		.interval_us = interval_us,
		.spread = true,
		.take = take,
		.wait = wait_for_next,
		.arg = s,
	};
	hs_ck_ok(series_take(ret, &s->plan));
}

/* The script's waits take no time, so the last one has nearly all of it left. */
START_TEST(spread_over_the_interval)
{
	struct series series = { 0 };
	struct script s = { .cost_us = INTERVAL_US / 100 };

	run_spread(&s, 6, INTERVAL_US, &series);
	ck_assert_uint_eq(series.n, 6);
	ck_assert(s.was_last);
	ck_assert_int_le(s.least_us, INTERVAL_US / 5);
	ck_assert_int_gt(s.most_us, INTERVAL_US / 5 * 4);
	ck_assert_int_le(s.most_us, INTERVAL_US);
	series_release(&series);
}
END_TEST

START_TEST(dear_ones_are_two)
{
	struct script s = { .cost_us = INTERVAL_US / 20 };
	struct series series = { 0 };

	run_spread(&s, 6, INTERVAL_US, &series);
	ck_assert_uint_eq(series.n, 2);
	ck_assert(s.was_last);
	ck_assert_int_gt(s.most_us, INTERVAL_US / 2);
	series_release(&series);
}
END_TEST

START_TEST(last_now)
{
	struct series series = { 0 };
	struct script s = { .last_at = 2 };

	run_spread(&s, 6, INTERVAL_US, &series);
	ck_assert_uint_eq(series.n, 3);
	ck_assert(s.was_last);
	series_release(&series);
}
END_TEST

START_TEST(steps)
{
	const int64_t s = 1000000;

	ck_assert_uint_eq(series_steps(10 * s, 0, 5), 5);
	/* A twentieth of two seconds. */
	ck_assert_uint_eq(series_steps(10 * s, 100000, 5), 5);
	ck_assert_uint_eq(series_steps(10 * s, 100001, 5), 4);
	ck_assert_uint_eq(series_steps(10 * s, 250000, 5), 2);
	ck_assert_uint_eq(series_steps(10 * s, 900000, 5), 1);
	ck_assert_uint_eq(series_steps(10 * s, INT64_MAX, 5), 1);
	ck_assert_uint_eq(series_steps(s, 0, 5), 5);
	ck_assert_uint_eq(series_steps(s / 4, 0, 5), 2);
	ck_assert_uint_eq(series_steps(0, 0, 5), 1);
	ck_assert_uint_eq(series_steps(-s, 0, 5), 1);
	ck_assert_uint_eq(series_steps(INT64_MAX, 0, 5), 5);
}
END_TEST

START_TEST(failure)
{
	struct script s = { .fail_at = 3 };
	struct series series = { 0 };
	enum hs_error_code code;

	run(&s, 9, INTERVAL_US, &series, &code);
	ck_assert_int_eq(code, HS_ERROR_GONE);
	ck_assert_uint_eq(series.n, 2);
	ck_assert_uint_eq(s.waits, 2);
	series_release(&series);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snap/series");
	TCase *tcase = tcase_create("series");

	tcase_add_test(tcase, one_waits_for_nothing);
	tcase_add_test(tcase, several);
	tcase_add_test(tcase, late_is_at_once);
	tcase_add_test(tcase, enough);
	tcase_add_test(tcase, spread_over_the_interval);
	tcase_add_test(tcase, dear_ones_are_two);
	tcase_add_test(tcase, last_now);
	tcase_add_test(tcase, steps);
	tcase_add_test(tcase, failure);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
