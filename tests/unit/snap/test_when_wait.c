/*
 * snap/when_wait: a wait ends at once when its condition holds already, and
 * when a signal asked to stop; what it says goes to its monitor.
 */
#include "snap/when_wait.h"

#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "tests/unit/hs_check.h"

static void note(void *arg, const char *text)
{
	strbuf_addf(arg, "%s\n", text);
}

static volatile sig_atomic_t stop;

/* Waits for @text of this process; adds to @said what is said. */
static struct hs_error *wait_for(const char *text, struct strbuf *said)
{
	const struct monitor monitor = { .note = note,
					 .arg = said,
					 .stop = &stop };
	hs_cleanup(identity_close) struct identity id = { 0 };
	struct when when;
	const struct when_wait on = {
		.id = &id, .whens = &when, .n = 1, .monitor = &monitor
	};

	hs_ck_ok(when_parse(text, &when));
	hs_ck_ok(identity_open(getpid(), &id));
	hs_ck_ok(when_check(&on));
	return when_wait(&on);
}

START_TEST(holds_already)
{
	_cleanup_strbuf_ struct strbuf said = { 0 };

	hs_ck_ok(wait_for("rss:1", &said));
	ck_assert_ptr_nonnull(
		strstr(strbuf_str(&said), " is watched, for rss:1: "));
	ck_assert_ptr_nonnull(
		strstr(strbuf_str(&said), " has reached rss:1: "));
}
END_TEST

START_TEST(is_stopped)
{
	_cleanup_strbuf_ struct strbuf said = { 0 };
	struct hs_error *err;

	stop = SIGTERM;
	err = wait_for("rss:1000000G", &said);
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(hs_error_code(err), HS_ERROR_INTERRUPTED);
	ck_assert_ptr_nonnull(
		strstr(hs_error_message(err), "is watched no more"));
	ck_assert_ptr_null(strstr(strbuf_str(&said), "has reached"));
	hs_error_free(err);
}
END_TEST

int main(void)
{
	return hs_check_run("snap/when_wait", holds_already, is_stopped);
}
