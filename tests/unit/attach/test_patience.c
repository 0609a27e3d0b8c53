/* How long a call is waited for: silence and its end, progress, and a wish to
 * stop. */
#include "attach/patience.h"

#include "tests/unit/hs_check.h"

enum { SECOND = 1000000 };

/* As if everything in it had been @us microseconds earlier. */
static void let_pass(struct patience *p, int64_t us)
{
	p->since -= us;
	p->end -= us;
	p->until -= us;
	p->silent_until -= us;
	if (p->limits->stopped_at)
		p->limits->stopped_at -= us;
}

START_TEST(silence_is_a_timeout)
{
	struct call_limits limits = { 0 };
	const struct deadline d = deadline_in(SECOND, NULL);
	struct patience p = patience_begin(&limits, &d);

	let_pass(&p, 4 * SECOND);
	hs_ck_ok(patience_check(&p));
	let_pass(&p, 2 * SECOND);
	hs_ck_err(patience_check(&p), HS_ERROR_TIMEOUT, "time is up");
}
END_TEST

START_TEST(silence_is_fine_before_the_deadline)
{
	struct call_limits limits = { 0 };
	const struct deadline d = deadline_in(20 * SECOND, NULL);
	struct patience p = patience_begin(&limits, &d);

	let_pass(&p, 15 * SECOND);
	hs_ck_ok(patience_check(&p));
}
END_TEST

START_TEST(progress_helps_but_not_for_ever)
{
	struct call_limits limits = { 0 };
	const struct deadline d = deadline_in(SECOND, NULL);
	struct patience p = patience_begin(&limits, &d);
	int i;

	for (i = 0; i < 14; i++) {
		let_pass(&p, 4 * SECOND);
		patience_renew(&p);
		hs_ck_ok(patience_check(&p));
	}
	let_pass(&p, 4 * SECOND);
	patience_renew(&p);
	hs_ck_err(patience_check(&p), HS_ERROR_TIMEOUT,
		  "it did not end in 60 s, the longest for one call");
}
END_TEST

START_TEST(ten_times_the_time_if_that_is_more)
{
	const struct deadline d = deadline_in(20 * SECOND, NULL);
	const struct deadline for_ever = deadline_in(INT64_MAX, NULL);
	struct call_limits limits = call_limits_of(&d);
	struct patience p = patience_begin(&limits, &d);

	let_pass(&p, 190 * SECOND);
	patience_renew(&p);
	hs_ck_ok(patience_check(&p));
	let_pass(&p, 11 * SECOND);
	patience_renew(&p);
	hs_ck_err(patience_check(&p), HS_ERROR_TIMEOUT,
		  "it did not end in 200 s, the longest for one call");
	ck_assert_int_eq(call_limits_of(&for_ever).longest_us, INT64_MAX);
}
END_TEST

START_TEST(stops_a_second_after_the_wish)
{
	volatile sig_atomic_t stop = 0;
	const struct deadline d = deadline_in(60 * SECOND, &stop);
	struct call_limits limits = call_limits_of(&d);
	struct patience p = patience_begin(&limits, &d);

	hs_ck_ok(patience_check(&p));
	stop = SIGINT;
	hs_ck_ok(patience_check(&p));
	let_pass(&p, SECOND / 2);
	patience_renew(&p);
	hs_ck_ok(patience_check(&p));
	let_pass(&p, SECOND / 2 + 1);
	hs_ck_err(patience_check(&p), HS_ERROR_INTERRUPTED,
		  "interrupted: Interrupt");
	/* A call that puts something back has its moment all the same. */
	p = patience_begin(&limits, &d);
	hs_ck_ok(patience_check(&p));
	let_pass(&p, SECOND / 10);
	hs_ck_err(patience_check(&p), HS_ERROR_INTERRUPTED,
		  "interrupted: Interrupt");
	/* The user thought better of it. */
	stop = 0;
	hs_ck_ok(patience_check(&p));
	stop = SIGTERM;
	hs_ck_ok(patience_check(&p));
}
END_TEST

int main(void)
{
	return hs_check_run("attach/patience", silence_is_a_timeout,
			    silence_is_fine_before_the_deadline,
			    progress_helps_but_not_for_ever,
			    ten_times_the_time_if_that_is_more,
			    stops_a_second_after_the_wish);
}
