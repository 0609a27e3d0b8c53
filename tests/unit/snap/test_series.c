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
	int64_t least_us, most_us; /* of all waits */
};

static struct hs_error *take(void *arg, struct heap_profile *ret)
{
	struct script *s = arg;

	s->taken++;
	if (s->taken == s->fail_at)
		return hs_error_new(HS_ERROR_GONE, "it ended");
	ret->total.objects = (double)s->taken;
	return NULL;
}

static struct hs_error *wait_for_next(void *arg, int64_t us,
				      const struct series *so_far, bool *enough)
{
	struct script *s = arg;

	s->waits++;
	ck_assert_uint_eq(so_far->n, s->taken);
	ck_assert_double_eq(series_last(so_far)->total.objects,
			    (double)s->taken);
	if (us < s->least_us)
		s->least_us = us;
	if (us > s->most_us)
		s->most_us = us;
	*enough = s->waits == s->enough_at;
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
	tcase_add_test(tcase, failure);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
