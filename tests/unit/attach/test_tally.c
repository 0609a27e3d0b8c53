/*
 * The refusal of a search that found no safe moment: it follows from what was
 * counted, and advises no time-out that cannot help.
 */
#include "attach/tally.h"

#include <string.h>

#include "tests/unit/hs_check.h"

enum { SECOND_US = 1000000 };

static const struct verdict in_jemalloc = { .is = VERDICT_INSIDE,
					    .why = "is inside ",
					    .what = "jemalloc" };

static void look(struct tally *tally, size_t n, pid_t tid,
		 const struct verdict *v)
{
	while (n--)
		tally_add(tally, tid, v);
}

/* Two passes over one thread, which is at @sp and then at @then. */
static void stand(struct tally *tally, uint64_t sp, uint64_t then)
{
	struct task_syscall where = { .activity = TASK_IN_SYSCALL, .sp = sp };

	tally_begin_round(tally);
	tally_place(tally, 7, &where);
	tally_end_round(tally);
	where.sp = then;
	where.number = 219; /* the kernel's change */
	tally_begin_round(tally);
	tally_place(tally, 7, &where);
	tally_end_round(tally);
}

static void check_refusal(const struct tally *tally, int64_t us,
			  const char *message, const char *hint)
{
	struct hs_error *err = tally_refusal(tally, us);

	ck_assert_int_eq(hs_error_code(err), HS_ERROR_UNSAFE);
	ck_assert_str_eq(hs_error_message(err), message);
	ck_assert_str_eq(hs_error_hint_text(err), hint);
	hs_error_free(err);
}

START_TEST(reasons_have_shares)
{
	const struct verdict off =
		verdict_not_now("is not on its own stack", "");
	const struct verdict gone = { .is = VERDICT_UNTOUCHABLE };
	struct tally tally = { 0 };

	look(&tally, 10, 8, &off);
	look(&tally, 20, 7, &in_jemalloc);
	look(&tally, 10, 9, &in_jemalloc);
	look(&tally, 5, 9, &gone);
	stand(&tally, 1, 2);
	check_refusal(&tally, SECOND_US,
		      "no safe moment was found in 40 tries within 1.0 s: a "
		      "thread is inside jemalloc (75%, 30 tries); thread 8 is "
		      "not on its own stack (25%, 10 tries)",
		      "a safe moment is rarer than one in 13 tries: --timeout "
		      "10s would give it ten times as many, or try when it has "
		      "less to do; the process was not changed");
}
END_TEST

START_TEST(the_rarest_reasons_are_added_up)
{
	static const char *const what[] = { "a", "b", "c", "d", "e", "f", "g",
					    "h", "i", "j", "k", "l", "m", "n" };
	struct tally tally = { 0 };
	struct verdict v = in_jemalloc;
	size_t i;

	for (i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		v.what = what[i];
		look(&tally, i < 4 ? 2 : 1, 7, &v);
	}
	check_refusal(&tally, 250000,
		      "no safe moment was found in 18 tries within 0.2 s: "
		      "thread 7 is inside a (11%, 2 tries); thread 7 is inside "
		      "b (11%, 2 tries); thread 7 is inside c (11%, 2 tries); "
		      "thread 7 is inside d (11%, 2 tries); other reasons "
		      "(56%, 10 tries)",
		      "a longer --timeout gives it more tries; the process was "
		      "not changed");
}
END_TEST

START_TEST(who_does_not_move_needs_no_time)
{
	struct tally tally = { 0 };

	look(&tally, 1, 7, &in_jemalloc);
	stand(&tally, 1, 1);
	check_refusal(&tally, SECOND_US,
		      "no safe moment was found in 1 try within 1.0 s: thread "
		      "7 is inside jemalloc (100%, 1 try)",
		      "no --timeout helps while its threads stay where they "
		      "are, and none has moved; the process was not changed");
}
END_TEST

/* It runs in @running of @n passes, and is where it was in the others. */
static void stand_or_run(struct tally *tally, size_t n, size_t running)
{
	struct task_syscall where = { .sp = 1 };
	size_t i;

	for (i = 0; i < n; i++) {
		where.activity = i < running ? TASK_RUNNING : TASK_IN_SYSCALL;
		where.sp = i < running ? 0 : 1;
		tally_begin_round(tally);
		tally_place(tally, 7, &where);
		tally_end_round(tally);
	}
}

START_TEST(who_runs_because_of_a_stop_does_not_move)
{
	static const char stays[] = "no --timeout helps";
	struct tally seldom = { 0 }, often = { 0 };
	struct hs_error *err;

	look(&seldom, 100, 7, &in_jemalloc);
	stand_or_run(&seldom, 100, 9);
	err = tally_refusal(&seldom, SECOND_US);
	ck_assert_ptr_nonnull(strstr(hs_error_hint_text(err), stays));
	hs_error_free(err);
	look(&often, 100, 7, &in_jemalloc);
	stand_or_run(&often, 100, 10);
	err = tally_refusal(&often, SECOND_US);
	ck_assert_ptr_null(strstr(hs_error_hint_text(err), stays));
	hs_error_free(err);
}
END_TEST

START_TEST(near_misses_tell_the_time)
{
	struct tally tally = { .passed = 2 };

	look(&tally, 400, 7, &in_jemalloc);
	stand(&tally, 1, 2);
	/* 3 * 10 s * 3 / 2 are 45 s */
	check_refusal(&tally, 10 * SECOND_US,
		      "no safe moment was found in 400 tries within 10.0 s: "
		      "thread 7 is inside jemalloc (100%, 400 tries)",
		      "--timeout 50s would probably do: a thread was safe in 2 "
		      "looks more, but not at the next one; the process was "
		      "not changed");
}
END_TEST

START_TEST(no_time_is_advised_that_nobody_waits)
{
	struct tally tally = { 0 };

	look(&tally, 300, 7, &in_jemalloc);
	stand(&tally, 1, 2);
	check_refusal(&tally, 100 * (int64_t)SECOND_US,
		      "no safe moment was found in 300 tries within 100.0 s: "
		      "thread 7 is inside jemalloc (100%, 300 tries)",
		      "a safe moment is rarer than one in 100 tries: no "
		      "--timeout is known that would do; try when it has less "
		      "to do; the process was not changed");
}
END_TEST

START_TEST(no_look_is_no_statement)
{
	const struct tally tally = { 0 };

	check_refusal(&tally, SECOND_US,
		      "no safe moment was found within 1.0 s: none of its "
		      "threads may be used for this",
		      "a longer --timeout gives it more tries; the process was "
		      "not changed");
}
END_TEST

int main(void)
{
	return hs_check_run("attach/tally", reasons_have_shares,
			    the_rarest_reasons_are_added_up,
			    who_does_not_move_needs_no_time,
			    who_runs_because_of_a_stop_does_not_move,
			    near_misses_tell_the_time,
			    no_time_is_advised_that_nobody_waits,
			    no_look_is_no_statement);
}
