/*
 * base/stop_signals: a sleep ends by itself, when what it waits for is there,
 * and when a signal asks to stop, even one that came before.
 */
#include "base/stop_signals.h"

#include <unistd.h>

#include "tests/unit/hs_check.h"

enum { LONG_US = 60 * 1000000 };

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = sig;
}

START_TEST(time_is_up)
{
	bool ready = true;

	hs_ck_ok(stop_signals_sleep(NULL, 0, 1000, NULL, &ready));
	ck_assert(!ready);
}
END_TEST

START_TEST(is_woken)
{
	struct pollfd fd = { .events = POLLIN };
	bool ready = false;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	close(fds[1]);
	fd.fd = fds[0];
	hs_ck_ok(stop_signals_sleep(&fd, 1, LONG_US, &stop, &ready));
	ck_assert(ready && fd.revents);
	close(fds[0]);
}
END_TEST

/* What came while they were blocked is delivered by the sleep, and ends it. */
START_TEST(is_stopped)
{
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t old, now;
	bool ready;
	int i;

	for (i = 0; i < STOP_SIGNALS; i++) {
		stop = 0;
		ck_assert_int_eq(sigaction(stop_signals[i], &action, NULL), 0);
		stop_signals_block(&old);
		raise(stop_signals[i]);
		ck_assert_int_eq(stop, 0);
		hs_ck_ok(
			stop_signals_poll(NULL, 0, LONG_US, &old, &(int){ 0 }));
		ck_assert_int_eq(stop, stop_signals[i]);
		sigprocmask(SIG_SETMASK, &old, NULL);
	}
	hs_ck_err(stop_signals_sleep(NULL, 0, LONG_US, &stop, &ready),
		  HS_ERROR_INTERRUPTED, "interrupted: Hangup");
	ck_assert(!ready);
	sigprocmask(SIG_BLOCK, NULL, &now);
	ck_assert_int_eq(sigismember(&now, SIGHUP), 0);
}
END_TEST

int main(void)
{
	return hs_check_run("base/stop_signals", time_is_up, is_woken,
			    is_stopped);
}
