/*
 * base/monitor: messages reach the monitor's owner whole; a monitor without
 * functions is silent, and takes errors all the same.
 */
#include "base/monitor.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/hs_check.h"

struct heard {
	char warning[64], remark[64], progress[300];
	int ends;
};

static void hear_warning(void *arg, struct hs_error *err)
{
	struct heard *heard = arg;

	snprintf(heard->warning, sizeof(heard->warning), "%s",
		 hs_error_message(err));
	hs_error_free(err);
}

static void hear_remark(void *arg, const char *text)
{
	struct heard *heard = arg;

	snprintf(heard->remark, sizeof(heard->remark), "%s", text);
}

static void hear_progress(void *arg, const char *text)
{
	struct heard *heard = arg;

	if (text)
		snprintf(heard->progress, sizeof(heard->progress), "%s", text);
	else
		heard->ends++;
}

static struct monitor monitor_of(struct heard *heard)
{
	return (struct monitor){
		.warn = hear_warning,
		.note = hear_remark,
		.progress = hear_progress,
		.arg = heard,
	};
}

START_TEST(all_is_heard)
{
	struct heard heard = { 0 };
	struct monitor m = monitor_of(&heard);

	monitor_warn(&m, hs_error_new(HS_ERROR_INPUT, "file %d", 1));
	monitor_note(&m, "remark %d", 2);
	monitor_progress(&m, "done %d", 3);
	ck_assert_str_eq(heard.warning, "file 1");
	ck_assert_str_eq(heard.remark, "remark 2");
	ck_assert_str_eq(heard.progress, "done 3");
	ck_assert_int_eq(heard.ends, 0);
	monitor_progress_end(&m);
	ck_assert_int_eq(heard.ends, 1);
}
END_TEST

START_TEST(no_error_is_no_warning)
{
	struct heard heard = { 0 };
	struct monitor m = monitor_of(&heard);

	monitor_warn(&m, NULL);
	ck_assert_str_eq(heard.warning, "");
}
END_TEST

/* A remark is as long as it is; a line of progress is cut. */
START_TEST(long_texts)
{
	struct heard heard = { 0 };
	struct monitor m = monitor_of(&heard);
	char text[1000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	monitor_note(&m, "%s", text);
	ck_assert_uint_eq(strlen(heard.remark), sizeof(heard.remark) - 1);
	monitor_progress(&m, "%s", text);
	ck_assert_uint_eq(strlen(heard.progress), 255);
}
END_TEST

START_TEST(nobody_listens)
{
	const struct monitor m = { 0 };

	monitor_warn(&m, hs_error_new(HS_ERROR_INPUT, "freed"));
	monitor_note(&m, "remark");
	monitor_progress(&m, "done");
	monitor_progress_end(&m);
	hs_ck_ok(monitor_check_stop(&m));
}
END_TEST

START_TEST(stop)
{
	volatile sig_atomic_t signal = 0;
	const struct monitor m = { .stop = &signal };
	struct hs_error *err;

	hs_ck_ok(monitor_check_stop(&m));
	signal = SIGINT;
	err = monitor_check_stop(&m);
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(hs_error_code(err), HS_ERROR_INTERRUPTED);
	hs_error_free(err);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base/monitor");
	TCase *tcase = tcase_create("monitor");

	tcase_add_test(tcase, all_is_heard);
	tcase_add_test(tcase, no_error_is_no_warning);
	tcase_add_test(tcase, long_texts);
	tcase_add_test(tcase, nobody_listens);
	tcase_add_test(tcase, stop);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
