/*
 * report/settings: what was asked for on the command line reaches what reads,
 * names and writes.
 */
#include "report/settings.h"

#include "tests/unit/hs_check.h"

START_TEST(rows_are_chosen)
{
	struct cli_options o = {
		.sort = ROWS_BY_OBJECTS,
		.alloc = true,
		.focus.text = "^x",
	};
	struct rows_options rows;

	hs_ck_ok(pattern_compile(&o.focus, "focus"));
	rows = cli_rows_options(&o);
	ck_assert_int_eq(rows.sort, ROWS_BY_OBJECTS);
	ck_assert_int_eq(rows.counts, ROWS_ALLOCATED);
	ck_assert_ptr_eq(rows.focus, &o.focus.compiled);
	ck_assert_ptr_null(rows.ignore);
	ck_assert_ptr_null(rows.suppressions);
	pattern_release(&o.focus);
}
END_TEST

/* Each is more to read of a profile and to keep: only what shows them asks. */
START_TEST(threads_are_read_where_they_are_shown)
{
	struct cli_options o = { .format = FORMAT_TEXT };
	struct heap_selection selection = cli_selection(&o);

	ck_assert(!selection.threads && !selection.read.threads);
	ck_assert(!cli_rows_options(&o).columns);

	o.format = FORMAT_PPROF;
	selection = cli_selection(&o);
	ck_assert(!selection.threads && selection.read.threads);
	ck_assert(cli_rows_options(&o).columns);

	o.format = FORMAT_TEXT;
	o.by = ROWS_THREADS;
	selection = cli_selection(&o);
	ck_assert(selection.threads && selection.read.threads);

	o.by = ROWS_STACKS;
	o.thread.text = "worker";
	selection = cli_selection(&o);
	ck_assert(selection.threads && selection.read.threads);
	ck_assert_str_eq(selection.thread_text, "worker");
}
END_TEST

START_TEST(since_the_start_is_read_where_it_is_shown)
{
	struct cli_options o = { .command = CLI_REPORT };

	ck_assert(cli_selection(&o).read.live_only);
	o.alloc = true;
	ck_assert(!cli_selection(&o).read.live_only);
	o.alloc = false;
	o.format = FORMAT_PPROF;
	ck_assert(!cli_selection(&o).read.live_only);
	o.format = FORMAT_TEXT;
	o.command = CLI_DIFF;
	ck_assert(!cli_selection(&o).read.live_only);
	o.command = CLI_MERGE;
	ck_assert(!cli_selection(&o).read.live_only);
}
END_TEST

static void note(void *arg, const char *text)
{
	(void)text;
	++*(int *)arg;
}

START_TEST(remarks_go_where_the_options_say)
{
	int noted = 0;
	const struct cli_options o = {
		.monitor = { .note = note, .arg = &noted },
	};
	const struct names_options names = cli_names_options(&o);

	monitor_note(&names.monitor, "one");
	ck_assert_int_eq(noted, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("report/settings");
	TCase *tcase = tcase_create("report/settings");

	tcase_add_test(tcase, rows_are_chosen);
	tcase_add_test(tcase, threads_are_read_where_they_are_shown);
	tcase_add_test(tcase, since_the_start_is_read_where_it_is_shown);
	tcase_add_test(tcase, remarks_go_where_the_options_say);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
