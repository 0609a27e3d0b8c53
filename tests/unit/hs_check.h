/**
 * @file hs_check.h - what every unit test begins with.
 *
 *	START_TEST(add_keeps_nul)
 *	{
 *		...
 *		hs_ck_ok(parse_it("7", &n));
 *		hs_ck_err(parse_it("x", &n), HS_ERROR_INPUT, "'x': no number");
 *	}
 *	END_TEST
 *
 *	int main(void)
 *	{
 *		return hs_check_run("base/strbuf", add_keeps_nul, ...);
 *	}
 *
 * Check runs each test in a process of its own; TAP goes to stdout. A test
 * that needs fixtures, loops or longer than a minute builds its Suite
 * itself and ends with hs_check_main(suite).
 */
#ifndef TESTS_UNIT_HS_CHECK_H
#define TESTS_UNIT_HS_CHECK_H

#include <check.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/** Asked by sanitized programs: what cannot be allocated is NULL in the tests,
 *  as it is outside. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/** Fails the test with the error's message; @err is freed by the exit of the
 *  test's process. */
#define hs_ck_ok(expr)                                           \
	do {                                                     \
		struct hs_error *ck_err_ = (expr);               \
		if (ck_err_)                                     \
			ck_abort_msg("%s: %s", #expr,            \
				     hs_error_message(ck_err_)); \
	} while (0)

/** @expr must be an error of @want_code with exactly @want as its message.
 *  Frees it. */
#define hs_ck_err(expr, want_code, want)                               \
	do {                                                           \
		struct hs_error *ck_err_ = (expr);                     \
		if (!ck_err_)                                          \
			ck_abort_msg("%s: no error", #expr);           \
		ck_assert_str_eq(hs_error_message(ck_err_), (want));   \
		ck_assert_int_eq(hs_error_code(ck_err_), (want_code)); \
		hs_error_free(ck_err_);                                \
	} while (0)

/** The same with the hint's text; NULL: there must be none. */
#define hs_ck_err_hint(expr, want_code, want, want_hint)                      \
	do {                                                                  \
		struct hs_error *ck_hint_ = (expr);                           \
		if (!ck_hint_)                                                \
			ck_abort_msg("%s: no error", #expr);                  \
		ck_assert_pstr_eq(hs_error_hint_text(ck_hint_), (want_hint)); \
		hs_ck_err(ck_hint_, (want_code), (want));                     \
	} while (0)

/** A new folder by the name @template, of which mkdtemp(3) leaves no X: the
 *  next test may run in the same process. */
static inline void hs_ck_mkdtemp(char *template)
{
	memset(template + strlen(template) - 6, 'X', 6);
	ck_assert_ptr_nonnull(mkdtemp(template));
}

/** Runs @suite (taken). What main() returns. */
static inline int hs_check_main(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	/* Of the allocator that this may run with nothing is for what tests
	 * start. */
	unsetenv("LD_PRELOAD");
	unsetenv("MALLOC_CONF");
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline int hs_check_run_all(const char *name, const TTest *const *tests,
				   size_t n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	size_t i;

	/* For what hangs, not for what is slow on a busy machine. */
	tcase_set_timeout(tcase, 60);
	for (i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}

/** Runs the tests named. What main() returns. */
#define hs_check_run(name, ...)                                          \
	hs_check_run_all((name), (const TTest *const[]){ __VA_ARGS__ },  \
			 sizeof((const TTest *const[]){ __VA_ARGS__ }) / \
				 sizeof(const TTest *))

#endif
