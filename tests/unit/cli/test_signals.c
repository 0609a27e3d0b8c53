/*
 * cli/signals: a wait ends by itself, at once on the first SIGINT, when the
 * process it is about ends, and with an error when it is asked to stop.
 */
#include "cli/signals.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/hs_check.h"

static struct progress nobody;

enum { LONG_US = 60 * 1000000 };

/* A child that sends @sig when its parent sleeps: then that is in ppoll(2). */
static pid_t signal_when_waiting(int sig)
{
	char path[64], state = 0;
	pid_t parent = getpid(), child = fork();
	FILE *f;

	ck_assert_int_ge(child, 0);
	if (child)
		return child;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)parent);
	while (state != 'S') {
		f = fopen(path, "r");
		if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			_exit(1);
		fclose(f);
	}
	kill(parent, sig);
	_exit(0);
}

static void check_exit(pid_t child)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

static struct hs_error *wait_for(int64_t us, int pidfd, enum wait_end *ret)
{
	const struct signals_wait wait = {
		.us = us,
		.until_us = us,
		.pidfd = pidfd,
		.found = "",
		.progress = &nobody,
	};

	return signals_wait(&wait, ret);
}

START_TEST(time_is_up)
{
	enum wait_end end = WAIT_GONE;

	signals_catch();
	hs_ck_ok(wait_for(1000, -1, &end));
	ck_assert_int_eq(end, WAIT_OVER);
	ck_assert_int_eq(signals_last(), 0);
}
END_TEST

START_TEST(first_interrupt_means_now)
{
	enum wait_end end = WAIT_OVER;
	pid_t child;

	signals_catch();
	child = signal_when_waiting(SIGINT);
	hs_ck_ok(wait_for(LONG_US, -1, &end));
	ck_assert_int_eq(end, WAIT_EARLY);
	ck_assert_int_eq(*signals_stop(), 0);
	check_exit(child);
	/* The next one, when nothing waits, means stop. */
	raise(SIGINT);
	ck_assert_int_eq(*signals_stop(), SIGINT);
	hs_ck_err(wait_for(LONG_US, -1, &end), HS_ERROR_INTERRUPTED,
		  "interrupted: Interrupt");
	ck_assert_int_eq(signals_last(), SIGINT);
}
END_TEST

START_TEST(termination_stops)
{
	enum wait_end end;
	pid_t child;

	signals_catch();
	child = signal_when_waiting(SIGTERM);
	hs_ck_err(wait_for(LONG_US, -1, &end), HS_ERROR_INTERRUPTED,
		  "interrupted: Terminated");
	check_exit(child);
}
END_TEST

START_TEST(process_ends)
{
	enum wait_end end = WAIT_OVER;
	int fds[2];

	signals_catch();
	ck_assert_int_eq(pipe(fds), 0);
	close(fds[1]);
	hs_ck_ok(wait_for(LONG_US, fds[0], &end));
	ck_assert_int_eq(end, WAIT_GONE);
	close(fds[0]);
}
END_TEST

/* What nohup(1) set stays. */
START_TEST(ignored_stays_ignored)
{
	struct sigaction action;

	signal(SIGHUP, SIG_IGN);
	signals_catch();
	ck_assert_int_eq(sigaction(SIGHUP, NULL, &action), 0);
	ck_assert(action.sa_handler == SIG_IGN);
	raise(SIGHUP);
	ck_assert_int_eq(signals_last(), 0);
}
END_TEST

int main(void)
{
	return hs_check_run("cli/signals", time_is_up,
			    first_interrupt_means_now, termination_stops,
			    process_ends, ignored_stays_ignored);
}
