/* Deadlines: what is left, the earlier and the later of two, and the two ways
 * to end. */
#include "base/deadline.h"

#include "tests/unit/hs_check.h"

enum { MINUTE = 60 * 1000000 };

START_TEST(clock_goes_on)
{
	int64_t before = clock_us();

	ck_assert_int_gt(before, 0);
	while (clock_us() == before)
		;
	ck_assert_int_gt(clock_us(), before);
}
END_TEST

START_TEST(left_is_what_was_given)
{
	struct deadline d = deadline_in(MINUTE, NULL);

	ck_assert_int_le(deadline_left(&d), MINUTE);
	ck_assert_int_gt(deadline_left(&d), MINUTE - 5 * 1000000);
	hs_ck_ok(deadline_check(&d));
}
END_TEST

START_TEST(passed_is_a_timeout)
{
	struct deadline d = deadline_in(0, NULL);

	ck_assert_int_eq(deadline_left(&d), 0);
	hs_ck_err(deadline_check(&d), HS_ERROR_TIMEOUT, "time is up");
	d.at -= MINUTE;
	ck_assert_int_eq(deadline_left(&d), 0);
}
END_TEST

START_TEST(for_ever_does_not_wrap_round)
{
	struct deadline d = deadline_in(INT64_MAX, NULL);

	ck_assert_int_gt(deadline_left(&d), (int64_t)MINUTE * 1000000);
	d = deadline_cap(&d, INT64_MAX);
	ck_assert_int_gt(deadline_left(&d), (int64_t)MINUTE * 1000000);
}
END_TEST

START_TEST(cap_takes_the_earlier)
{
	struct deadline far = deadline_in(MINUTE, NULL);
	struct deadline near = deadline_cap(&far, 1000);

	ck_assert_int_lt(near.at, far.at);
	ck_assert_int_eq(deadline_cap(&near, MINUTE).at, near.at);
}
END_TEST

START_TEST(extend_takes_the_later)
{
	static const volatile sig_atomic_t stop = SIGTERM;
	struct deadline far = deadline_in(MINUTE, &stop);
	struct deadline d = deadline_extend(&far, 1000);

	ck_assert_int_eq(d.at, far.at);
	hs_ck_ok(deadline_check(&d));
	d = deadline_extend(&far, 2 * MINUTE);
	ck_assert_int_gt(d.at, far.at);
	d = deadline_extend(NULL, MINUTE);
	ck_assert_int_gt(deadline_left(&d), MINUTE / 2);
}
END_TEST

START_TEST(signal_comes_first)
{
	static volatile sig_atomic_t stop;
	struct deadline d = deadline_in(0, &stop);
	struct deadline capped = deadline_cap(&d, MINUTE);

	hs_ck_err(deadline_check(&d), HS_ERROR_TIMEOUT, "time is up");
	stop = SIGINT;
	hs_ck_err(deadline_check(&d), HS_ERROR_INTERRUPTED,
		  "interrupted: Interrupt");
	hs_ck_err(deadline_check(&capped), HS_ERROR_INTERRUPTED,
		  "interrupted: Interrupt");
}
END_TEST

int main(void)
{
	return hs_check_run("base/deadline", clock_goes_on,
			    left_is_what_was_given, passed_is_a_timeout,
			    for_ever_does_not_wrap_round, cap_takes_the_earlier,
			    extend_takes_the_later, signal_comes_first);
}
