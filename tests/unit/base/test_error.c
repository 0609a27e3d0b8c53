/* Errors: how messages grow on the way up, who keeps what, and that the
 * out-of-memory error goes through all of it unharmed. */
#include "base/error.h"

#include <errno.h>

#include "tests/unit/hs_check.h"

static struct hs_error *three_deep(void)
{
	struct hs_error *err;

	err = hs_error_sys(HS_ERROR_DENIED, EPERM, "ptrace(%s)", "SEIZE");
	err = hs_error_hint(err, "run as %s", "root");
	err = hs_error_wrap(err, "cannot attach to thread %d", 43);
	return hs_error_wrap(err, "cannot snapshot process %d", 42);
}

START_TEST(new_formats)
{
	struct hs_error *err =
		hs_error_new(HS_ERROR_INPUT, "%s:%d: what", "a.heap", 7);

	ck_assert_int_eq(hs_error_errno(err), 0);
	ck_assert_ptr_null(hs_error_hint_text(err));
	hs_ck_err(err, HS_ERROR_INPUT, "a.heap:7: what");
}
END_TEST

START_TEST(reads_from_the_outside_in)
{
	struct hs_error *err = three_deep();

	ck_assert_int_eq(hs_error_errno(err), EPERM);
	hs_ck_err_hint(err, HS_ERROR_DENIED,
		       "cannot snapshot process 42: cannot attach to thread "
		       "43: ptrace(SEIZE): Operation not permitted",
		       "run as root");
}
END_TEST

START_TEST(first_hint_stays)
{
	struct hs_error *err = hs_error_hint(three_deep(), "do nothing");

	ck_assert_str_eq(hs_error_hint_text(err), "run as root");
	hs_error_free(err);
}
END_TEST

START_TEST(null_is_success_all_the_way)
{
	hs_ck_ok(hs_error_wrap(NULL, "x"));
	hs_ck_ok(hs_error_hint(NULL, "x"));
	hs_ck_ok(hs_error_join(NULL, NULL));
	hs_ck_ok(hs_error_recode(NULL, HS_ERROR_USAGE));
	hs_error_free(NULL);
}
END_TEST

START_TEST(join_keeps_the_first)
{
	struct hs_error *err =
		hs_error_join(three_deep(), hs_error_new(HS_ERROR_GONE, "b"));

	ck_assert_str_eq(hs_error_hint_text(err), "run as root");
	hs_ck_err(err, HS_ERROR_DENIED,
		  "cannot snapshot process 42: cannot attach to thread 43: "
		  "ptrace(SEIZE): Operation not permitted; also: b");
	hs_ck_err(hs_error_join(NULL, hs_error_new(HS_ERROR_GONE, "b")),
		  HS_ERROR_GONE, "b");
	hs_ck_err(hs_error_join(hs_error_new(HS_ERROR_GONE, "a"), NULL),
		  HS_ERROR_GONE, "a");
}
END_TEST

START_TEST(recode_changes_the_code_alone)
{
	hs_ck_err(hs_error_recode(hs_error_new(HS_ERROR_INPUT, "a"),
				  HS_ERROR_UNSAFE),
		  HS_ERROR_UNSAFE, "a");
}
END_TEST

START_TEST(nomem_is_never_changed_or_freed)
{
	struct hs_error *err = hs_error_nomem();

	err = hs_error_wrap(err, "while counting");
	err = hs_error_hint(err, "buy some");
	err = hs_error_recode(err, HS_ERROR_USAGE);
	err = hs_error_join(err, hs_error_new(HS_ERROR_GONE, "gone"));
	ck_assert_ptr_eq(err, hs_error_nomem());
	ck_assert_ptr_null(hs_error_hint_text(err));
	hs_ck_err(err, HS_ERROR_NOMEM, "out of memory");
	hs_ck_err(hs_error_join(hs_error_new(HS_ERROR_GONE, "gone"),
				hs_error_nomem()),
		  HS_ERROR_GONE, "gone; also: out of memory");
	hs_ck_err(hs_error_nomem(), HS_ERROR_NOMEM, "out of memory");
}
END_TEST

int main(void)
{
	return hs_check_run("base/error", new_formats,
			    reads_from_the_outside_in, first_hint_stays,
			    null_is_success_all_the_way, join_keeps_the_first,
			    recode_changes_the_code_alone,
			    nomem_is_never_changed_or_freed);
}
