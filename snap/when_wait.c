#include "snap/when_wait.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/stop_signals.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "proc/memory_gauge.h"
#include "proc/waiter.h"

struct wait {
	const struct when_wait *on; /* what is waited for */
	struct memory_gauge gauge;
	struct memory_reading now;
	uint64_t rss; /* when it began */
	unsigned percent;
	struct when_pace *paces; /* owned; one a condition */
	sigset_t unblocked;	 /* while it sleeps */
};

static void wait_release(struct wait *w)
{
	memory_gauge_close(&w->gauge);
	free(w->paces);
}

static struct hs_error *no_limit(const struct wait *w, const struct when *c)
{
	return hs_error_hint(
		hs_error_new(HS_ERROR_NOT_FOUND,
			     "--when %s: process %d ('%s') is in no control "
			     "group with a limit of memory",
			     c->text, (int)w->on->id->pid, w->on->id->command),
		"say at which size instead: --when rss:SIZE");
}

/* The conditions, "limit:90% or rss:6G". */
static void add_conditions(struct strbuf *sb, const struct when_wait *on)
{
	size_t i;

	for (i = 0; i < on->n; i++) {
		strbuf_adds(sb, i ? " or " : "");
		strbuf_adds(sb, on->whens[i].text);
	}
}

static void add_reading(struct strbuf *sb, const struct memory_reading *r)
{
	units_add_bytes(sb, (int64_t)r->rss, false, UNITS_IEC);
	strbuf_adds(sb, " resident");
	if (!r->limited)
		return;
	strbuf_adds(sb, ", its control group uses ");
	units_add_bytes(sb, (int64_t)r->used, false, UNITS_IEC);
	strbuf_adds(sb, " of ");
	units_add_bytes(sb, (int64_t)r->limit, false, UNITS_IEC);
}

static struct hs_error *gone(const struct wait *w)
{
	_cleanup_strbuf_ struct strbuf what = { 0 };

	add_conditions(&what, w->on);
	strbuf_adds(&what, "; last seen: ");
	add_reading(&what, &w->now);
	return hs_error_new(HS_ERROR_GONE, "process %d ('%s') ended before %s",
			    (int)w->on->id->pid, w->on->id->command,
			    strbuf_str(&what));
}

static struct hs_error *read_now(struct wait *w)
{
	struct memory_reading now;
	struct hs_error *err = memory_gauge_read(&w->gauge, w->percent, &now);

	/* A zombie has no memory. */
	if (!err && now.rss)
		w->now = now;
	if (err && hs_error_code(err) == HS_ERROR_GONE) {
		hs_error_free(err);
		err = gone(w);
	}
	return err;
}

static struct hs_error *wait_open(struct wait *w)
{
	struct hs_error *err;
	unsigned percent;
	size_t i;

	for (i = 0; i < w->on->n; i++) {
		percent = when_percent(&w->on->whens[i]);
		if (percent && (!w->percent || percent < w->percent))
			w->percent = percent;
	}
	w->paces = calloc(w->on->n, sizeof(*w->paces));
	if (!w->paces)
		return hs_error_nomem();
	err = memory_gauge_open(w->on->id->pid, &w->gauge);
	/* The number may be that of another process by now. */
	if (!err)
		err = identity_check(w->on->id);
	if (!err)
		err = read_now(w);
	w->rss = w->now.rss;
	for (i = 0; i < w->on->n && !err; i++)
		if (when_percent(&w->on->whens[i]) && !w->now.limited)
			err = no_limit(w, &w->on->whens[i]);
	return err;
}

static void show(const struct wait *w)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	/* For days, once a second: nothing is put into words for nobody. */
	if (!w->on->monitor->progress)
		return;
	add_reading(&sb, &w->now);
	strbuf_adds(&sb, "; waiting for ");
	add_conditions(&sb, w->on);
	monitor_progress(w->on->monitor, "process %d has %s (Ctrl-C: end)",
			 (int)w->on->id->pid, strbuf_str(&sb));
}

/* *met: the first condition that holds, or NULL; then look again in
 * *pause_us. */
static struct hs_error *look(struct wait *w, const struct when **met,
			     int64_t *pause_us)
{
	struct hs_error *err = read_now(w);
	const int64_t now_us = clock_us();
	uint64_t missing;
	int64_t pause;
	size_t i;

	*met = NULL;
	*pause_us = WHEN_FAR_US;
	for (i = 0; i < w->on->n && !err && !*met; i++) {
		missing = when_missing(&w->on->whens[i], &w->now, w->rss);
		pause = when_pace(&w->paces[i], missing, now_us);
		if (!missing)
			*met = &w->on->whens[i];
		if (pause < *pause_us)
			*pause_us = pause;
	}
	return err;
}

/* Sleeps until the next look. *woken: what wakes us has something to tell; it
 * has to keep quiet for a while then: a group at its limit may give back page
 * cache a hundred times a second. */
static struct hs_error *sleep_until_look(struct wait *w, int64_t us,
					 bool *woken)
{
	enum { QUIET_US = 100000 };
	struct pollfd fds[1 + MEMORY_WAKERS] = { { w->on->id->pidfd, POLLIN,
						   0 } };
	struct hs_error *err;
	bool ready;
	size_t n = 1;

	if (!*woken)
		n += memory_gauge_wakers(&w->gauge, fds + 1);
	else if (us > QUIET_US)
		us = QUIET_US;
	err = stop_signals_sleep_blocked(fds, n, us, w->on->monitor->stop,
					 &w->unblocked, &ready);
	*woken = ready;
	if (err || !ready)
		return err;
	if (fds[0].revents)
		return gone(w);
	memory_gauge_woken(&w->gauge);
	return NULL;
}

static void say(const struct wait *w, const struct when *met)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (met)
		strbuf_addf(&sb, "has reached %s: ", met->text);
	else {
		strbuf_adds(&sb, "is watched, for ");
		add_conditions(&sb, w->on);
		strbuf_adds(&sb, ": ");
	}
	add_reading(&sb, &w->now);
	monitor_note(w->on->monitor, "process %d ('%s') %s",
		     (int)w->on->id->pid, w->on->id->command, strbuf_str(&sb));
}

static struct hs_error *wait_for_it(struct wait *w)
{
	const struct when *met = NULL;
	struct hs_error *err;
	int64_t pause_us;
	bool woken = false;

	say(w, NULL);
	for (;;) {
		err = look(w, &met, &pause_us);
		if (err || met)
			break;
		show(w);
		err = sleep_until_look(w, pause_us, &woken);
		if (err)
			break;
	}
	monitor_progress_end(w->on->monitor);
	if (!err)
		say(w, met);
	return err;
}

struct hs_error *when_check(const struct when_wait *on)
{
	hs_cleanup(wait_release) struct wait w = { .on = on };

	return wait_open(&w);
}

struct hs_error *when_wait(const struct when_wait *on)
{
	hs_cleanup(wait_release) struct wait w = { .on = on };
	struct hs_error *err = wait_open(&w);

	if (err)
		return err;
	waiter_begin();
	stop_signals_block(&w.unblocked);
	err = wait_for_it(&w);
	sigprocmask(SIG_SETMASK, &w.unblocked, NULL);
	waiter_end();
	if (err && hs_error_code(err) == HS_ERROR_INTERRUPTED)
		err = hs_error_wrap(err, "process %d ('%s') is watched no more",
				    (int)on->id->pid, on->id->command);
	return err;
}
