#include "cli/signals.h"

#include <inttypes.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/stop_signals.h"

static sigset_t begun;

static volatile sig_atomic_t stop;    /* the signal's number */
static volatile sig_atomic_t waiting; /* in signals_wait() */
static volatile sig_atomic_t early;   /* SIGINT came while waiting */

static void on_signal(int sig)
{
	if (sig == SIGINT && waiting && !early)
		early = 1;
	else
		stop = sig;
}

void signals_begin(void)
{
	static const int errors[] = { SIGPIPE, SIGXFSZ };
	size_t i;

	sigemptyset(&begun);
	for (i = 0; i < ARRAY_SIZE(errors); i++)
		if (signal(errors[i], SIG_IGN) == SIG_DFL)
			sigaddset(&begun, errors[i]);
}

const sigset_t *signals_begun(void)
{
	return &begun;
}

void signals_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal }, old;
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < STOP_SIGNALS; i++)
		if (sigaction(stop_signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(stop_signals[i], &action, NULL);
}

const volatile sig_atomic_t *signals_stop(void)
{
	return &stop;
}

int signals_last(void)
{
	return stop;
}

bool signals_resume(void)
{
	if (stop != SIGINT)
		return false;
	stop = 0;
	return true;
}

static void show_progress(const struct signals_wait *w, int64_t left_us)
{
	progress_force(w->progress,
		       "%s%snext snapshot in %" PRId64 " s (Ctrl-C: %s)",
		       w->found, *w->found ? "; " : "",
		       (left_us + 999999) / 1000000,
		       w->early_ends ? "end" : "now");
}

/* Reads the clock once and sleeps a second at most. *done: nothing is left to
 * wait for. */
static struct hs_error *wait_step(const struct deadline *d, struct pollfd *fd,
				  const sigset_t *unblocked,
				  const struct signals_wait *w,
				  enum wait_end *ret, bool *done)
{
	int64_t left = deadline_left(d), shown = left + w->until_us - w->us;
	struct hs_error *err;
	int64_t step;
	int n = 0;

	*done = true;
	err = stop_signals_check(&stop);
	if (err)
		return err;
	*ret = early ? WAIT_EARLY : WAIT_OVER;
	if (early || left == 0)
		return NULL;
	show_progress(w, shown);
	if (w->tick)
		w->tick(w->arg);
	step = shown % 1000000 ? shown % 1000000 : 1000000;
	if (step > left)
		step = left;
	err = stop_signals_poll(fd, 1, step, unblocked, &n);
	if (n > 0)
		*ret = WAIT_GONE;
	*done = n > 0;
	return err;
}

struct hs_error *signals_wait(const struct signals_wait *wait,
			      enum wait_end *ret)
{
	struct pollfd fd = { .fd = wait->pidfd, .events = POLLIN };
	struct deadline d = deadline_in(wait->us, NULL);
	struct hs_error *err = NULL;
	bool done = false;
	sigset_t old;

	stop_signals_block(&old);
	early = 0;
	waiting = 1;
	while (!err && !done)
		err = wait_step(&d, &fd, &old, wait, ret, &done);
	waiting = 0;
	sigprocmask(SIG_SETMASK, &old, NULL);
	progress_end(wait->progress);
	return err;
}

struct hs_error *signals_wait_alive(const struct identity *id, int64_t us,
				    struct progress *progress, const char *what)
{
	const struct signals_wait wait = {
		.us = us > 0 ? us : 0,
		.until_us = us > 0 ? us : 0,
		.pidfd = id->pidfd,
		.found = "",
		.progress = progress,
	};
	struct hs_error *err;
	enum wait_end end;

	err = signals_wait(&wait, &end);
	if (!err && end == WAIT_GONE)
		err = hs_error_new(HS_ERROR_GONE,
				   "process %d ('%s') ended before the %s",
				   (int)id->pid, id->command, what);
	return err;
}
