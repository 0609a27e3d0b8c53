#include "cli/cmd/snap_series.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "cli/errors.h"
#include "cli/signals.h"
#include "report/report.h"
#include "snap/series.h"

static struct hs_error *take_next(void *arg, bool last,
				  struct heap_profile *ret, int64_t *cost_us)
{
	struct snap_run *run = arg;
	struct hs_error *err;

	run->last = last;
	run->cost_us = 0;
	err = group_take(&run->group, snap_take_one, run, &run->capture.monitor,
			 ret);
	run->n_taken++;
	*cost_us = run->cost_us;
	return err;
}

/* The process ended: two snapshots are enough for a report. */
static struct hs_error *cut_short(struct snap_run *run, const struct series *s)
{
	const struct identity *id = &run->group.members[0].id;

	if (s->n < 2)
		return hs_error_new(HS_ERROR_GONE,
				    "process %d ('%s') ended before the second "
				    "snapshot",
				    (int)id->pid, id->command);
	if (run->o->spread)
		errors_note(run->o,
			    "process %d ('%s') ended before the interval did",
			    (int)id->pid, id->command);
	else
		errors_note(run->o,
			    "process %d ('%s') ended after %zu of %" PRIu64
			    " snapshots",
			    (int)id->pid, id->command, s->n, run->o->count);
	return snap_save_kept(run, &s->profiles[s->n - 1]);
}

static void snap_run_renew(void *arg)
{
	struct snap_run *run = arg;
	size_t i;

	for (i = 0; i < run->group.n; i++)
		standing_renew(&run->members[i].standing);
}

/* A series that was asked for by -n is reported as far as it went. */
static bool is_enough(const struct snap_run *run, const struct series *s)
{
	return !run->o->spread && s->n >= 2;
}

static struct hs_error *end_early(struct snap_run *run, const struct series *s)
{
	errors_note(run->o, "ended after %zu of %" PRIu64 " snapshots", s->n,
		    run->o->count);
	return snap_save_kept(run, &s->profiles[s->n - 1]);
}

/* Ctrl-C during the wait. */
static struct hs_error *hurry(struct snap_run *run, const struct series *s,
			      enum series_next *next)
{
	run->hurried = true;
	*next = SERIES_LAST;
	if (!is_enough(run, s))
		return NULL;
	*next = SERIES_ENOUGH;
	return end_early(run, s);
}

static struct hs_error *wait_for_next(void *arg, const struct series_wait *w,
				      const struct series *s,
				      enum series_next *next)
{
	struct snap_run *run = arg;
	const struct heap_counts *last = &series_last(s)->total;
	const bool single = group_is_single(&run->group);
	_cleanup_strbuf_ struct strbuf found = { 0 };
	struct signals_wait wait = {
		.us = w->us,
		.until_us = w->until_us,
		.pidfd = single ? run->group.members[0].id.pidfd : -1,
		.progress = errors_progress(),
		.early_ends = is_enough(run, s),
		.tick = snap_run_renew,
		.arg = run,
	};
	struct hs_error *err;
	enum wait_end end;

	units_add_bytes(&found, llround(last->bytes), false, UNITS_IEC);
	strbuf_adds(&found, " live in ");
	units_add_counted(&found, llround(last->objects), "object", false);
	wait.found = strbuf_str(&found);
	err = signals_wait(&wait, &end);
	if (!err && end == WAIT_EARLY)
		return hurry(run, s, next);
	if (err || end != WAIT_GONE)
		return err;
	*next = SERIES_ENOUGH;
	return cut_short(run, s);
}

struct when_wait snap_when_of(const struct snap_run *run)
{
	return (struct when_wait){
		.id = &run->group.members[0].id,
		.whens = run->o->whens,
		.n = run->o->n_whens,
		.monitor = &run->capture.monitor,
	};
}

/* In place of the interval. */
static struct hs_error *wait_for_condition(void *arg,
					   const struct series_wait *w,
					   const struct series *s,
					   enum series_next *next)
{
	struct snap_run *run = arg;
	const struct when_wait on = snap_when_of(run);

	(void)w;
	(void)s;
	*next = SERIES_LAST;
	run->watched = true;
	return when_wait(&on);
}

static struct hs_error *report(const struct series *s,
			       const struct cli_options *o)
{
	_cleanup_free_ const struct heap_profile **list = NULL;
	size_t i;

	if (o->format == FORMAT_HEAP)
		return NULL; /* it is written */
	if (s->n == 1)
		return cli_report_one(&s->profiles[0], o);
	list = calloc(s->n, sizeof(const struct heap_profile *));
	if (!list)
		return hs_error_nomem();
	for (i = 0; i < s->n; i++)
		list[i] = &s->profiles[i];
	return o->spread ? cli_report_interval(list, s->n, o)
			 : cli_report_several(list, s->n, o);
}

/* The most within an interval: five increments show how much of a stack comes
 * and goes, and more would show little more. */
enum { SPREAD_COUNT = 6 };

struct hs_error *snap_series(struct snap_run *run)
{
	hs_cleanup(series_release) struct series s = { 0 };
	const struct series_plan plan = {
		.count = run->o->spread ? SPREAD_COUNT : run->o->count,
		.interval_us = run->o->interval_us,
		.spread = run->o->spread,
		.take = take_next,
		.wait = run->o->since_start ? wait_for_condition
					    : wait_for_next,
		.arg = run,
	};
	struct hs_error *err = series_take(&s, &plan);

	/* Ctrl-C while one was taken; a second one stops. */
	if (err && hs_error_code(err) == HS_ERROR_INTERRUPTED &&
	    !run->hurried && is_enough(run, &s) && signals_resume()) {
		hs_error_free(err);
		err = end_early(run, &s);
	}
	snap_run_close_sessions(run);
	if (!err && run->o->since_start)
		err = snap_save_kept(run, &s.profiles[0]);
	return err ? err : report(&s, run->o);
}
