#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "cli/cmd/check.h"
#include "cli/cmd/follow.h"
#include "cli/cmd/stats.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/processes.h"
#include "cli/remarks.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "heap/input_kind.h"
#include "launch/hook.h"
#include "mallctl/activate.h"
#include "mallctl/profiling_off.h"
#include "names/resolver.h"
#include "output/sink.h"
#include "report/report.h"
#include "report/settings.h"
#include "snap/capture.h"
#include "snap/group.h"
#include "snap/series.h"
#include "snap/when_wait.h"
#include "target/target_files.h"

/* What lasts for the whole run of a member of the group. */
struct member {
	struct target_files files;
	struct resolver *resolver; /* owned; the sources of its names */
	struct standing standing;
	struct kept kept; /* its last snapshot, which is not saved yet */
};

/* One run of the command. */
struct run {
	const struct cli_options *o;
	struct capture_options capture;
	struct group group;
	struct member *members;	     /* owned; as many as the group's */
	size_t n_taken;		     /* snapshots of the group */
	bool last;		     /* it is the last one now */
	bool watched;		     /* --when: the wait has begun */
	bool ahead;		     /* --when: it is for what it costs once */
	char *file;		     /* owned: the last one saved, or NULL */
	bool hurried;		     /* by a Ctrl-C during the wait */
	int64_t cost_us;	     /* of the one that is being taken */
	struct hs_error *unwritable; /* owned; why none can be kept, or NULL */
};

static bool keeps_snapshots(const struct cli_options *o)
{
	return !o->no_save && o->format != FORMAT_HEAP;
}

static const char *save_dir(const struct cli_options *o)
{
	return o->save_dir ? o->save_dir : ".";
}

static void close_sessions(struct run *run)
{
	size_t i;

	for (i = 0; run->members && i < run->group.n; i++)
		standing_close(&run->members[i].standing);
}

static void run_release(struct run *run)
{
	size_t i;

	hs_error_free(run->unwritable);
	free(run->file);
	close_sessions(run);
	for (i = 0; run->members && i < run->group.n; i++) {
		resolver_destroy(run->members[i].resolver);
		kept_release(&run->members[i].kept);
	}
	free(run->members);
	group_release(&run->group);
}

static struct hs_error *open_members(struct run *run)
{
	const struct names_options options = cli_names_options(run->o);
	struct hs_error *err = NULL;
	struct file_source source;
	struct member *m;
	size_t i;

	run->members = calloc(run->group.n, sizeof(*run->members));
	if (!run->members)
		return hs_error_nomem();
	for (i = 0; i < run->group.n && !err; i++) {
		m = &run->members[i];
		m->files = (struct target_files){
			.id = &run->group.members[i].id,
			.sysroot = run->o->sysroot,
		};
		source = target_files_source(&m->files);
		err = resolver_create(&options, &source, &m->resolver);
	}
	return err;
}

/* --- one snapshot ---------------------------------------------------------- */

static void remark_capture(const struct cli_options *o, const struct capture *c)
{
	const struct heap_meta *meta = &c->profile.meta;
	const struct snapshot *s = &c->snapshot;

	remark_borrowed(o, meta);
	if (s->n_jemallocs > 1)
		errors_note(o,
			    "the process has %zu jemallocs; this is what "
			    "'%smallctl' in '%s' has ('heapsnap check' lists "
			    "them, --mallctl-address takes another one)",
			    s->n_jemallocs, s->jemalloc_prefix,
			    s->jemalloc_path ? s->jemalloc_path : "?");
	if (o->verbose)
		errors_note(o,
			    "thread %" PRId64 " was borrowed, the longest stop "
			    "was %" PRId64
			    " us, of '%s'; jemalloc wrote %zu bytes in "
			    "%" PRId64 " us",
			    meta->borrowed_tid, meta->pause_us,
			    remark_stopped(meta), s->dump.len, meta->dump_us);
}

/* What --exec is run for: a file that is @err free. */
static struct hs_error *note_file(struct run *run, const char *path,
				  struct hs_error *err)
{
	if (err)
		return err;
	free(run->file);
	run->file = strdup(path);
	return run->file ? NULL : hs_error_nomem();
}

/* Whether it is written only when it turns out to be one that is reported. Of
 * those that we took of our own accord, between the first and the last, none is
 * kept: but any may turn out to be the last, when the process ends. The one
 * before a wait is the first of a report only when the wait has an end. */
static bool is_kept_back(const struct run *run)
{
	if (run->o->since_start)
		return !run->n_taken;
	return run->o->spread && !run->o->save_all && run->n_taken &&
	       !run->last;
}

/* Writes the snapshot file, if the options ask for one. */
static struct hs_error *save(struct run *run, size_t i, struct capture *c)
{
	const struct identity *id = &run->group.members[i].id;
	const char *dir = save_dir(run->o);
	struct hs_error *err = run->unwritable;

	if (run->ahead)
		return NULL;
	if (!run->o->since_start)
		kept_release(&run->members[i].kept);
	if (run->o->format == FORMAT_HEAP)
		return note_file(run, run->o->output,
				 capture_write(c, run->o->output));
	if (!keeps_snapshots(run->o))
		return NULL;
	if (!err && is_kept_back(run))
		return capture_keep(c, id, dir, &run->members[i].kept);
	if (!err) {
		err = capture_save(c, id, dir);
		return note_file(run, c->profile.meta.file, err);
	}
	if (!run->o->save_dir)
		return NULL;
	run->unwritable = NULL;
	return err;
}

/* @p: the last snapshot of the group. */
static struct hs_error *save_kept(struct run *run, struct heap_profile *p)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < run->group.n && !err; i++)
		err = kept_save(&run->members[i].kept, p);
	return err;
}

/* Takes, names and saves a snapshot of member @i. Between these steps it checks
 * for a signal that came where nothing waits. */
static struct hs_error *take_one(void *arg, size_t i, struct heap_profile *ret)
{
	struct run *run = arg;
	const struct identity *id = &run->group.members[i].id;
	const struct monitor *monitor = &run->capture.monitor;
	struct member *member = &run->members[i];
	_cleanup_capture_ struct capture c;
	struct hs_error *err;

	capture_init(&c);
	/* No thread of ours rests in the process while --when waits. */
	err = capture_take(&member->standing, id, &run->capture,
			   run->last || run->ahead || run->o->since_start, &c);
	if (!err)
		err = monitor_check_stop(monitor);
	if (err)
		return err;
	if ((!run->o->spread || !run->n_taken || run->last) && !run->ahead)
		remark_capture(run->o, &c);
	run->cost_us += c.profile.meta.dump_us;
	/* To parse it may have taken a second, and names may. */
	standing_renew(&member->standing);
	err = resolver_names(member->resolver, &c.profile);
	standing_renew(&member->standing);
	if (!err)
		err = save(run, i, &c);
	if (!err)
		err = monitor_check_stop(monitor);
	if (err)
		return err;
	*ret = c.profile;
	heap_profile_init(&c.profile);
	return NULL;
}

/* --- several --------------------------------------------------------------- */

static struct hs_error *take_next(void *arg, bool last,
				  struct heap_profile *ret, int64_t *cost_us)
{
	struct run *run = arg;
	struct hs_error *err;

	run->last = last;
	run->cost_us = 0;
	err = group_take(&run->group, take_one, run, &run->capture.monitor,
			 ret);
	run->n_taken++;
	*cost_us = run->cost_us;
	return err;
}

/* The process ended: two snapshots are enough for a report. */
static struct hs_error *cut_short(struct run *run, const struct series *s)
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
	return save_kept(run, &s->profiles[s->n - 1]);
}

static void renew_sessions(void *arg)
{
	struct run *run = arg;
	size_t i;

	for (i = 0; i < run->group.n; i++)
		standing_renew(&run->members[i].standing);
}

/* A series that was asked for by -n is reported as far as it went. */
static bool is_enough(const struct run *run, const struct series *s)
{
	return !run->o->spread && s->n >= 2;
}

static struct hs_error *end_early(struct run *run, const struct series *s)
{
	errors_note(run->o, "ended after %zu of %" PRIu64 " snapshots", s->n,
		    run->o->count);
	return save_kept(run, &s->profiles[s->n - 1]);
}

/* Ctrl-C during the wait. */
static struct hs_error *hurry(struct run *run, const struct series *s,
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
	struct run *run = arg;
	const struct heap_counts *last = &series_last(s)->total;
	const bool single = group_is_single(&run->group);
	_cleanup_strbuf_ struct strbuf found = { 0 };
	struct signals_wait wait = {
		.us = w->us,
		.until_us = w->until_us,
		.pidfd = single ? run->group.members[0].id.pidfd : -1,
		.progress = errors_progress(),
		.early_ends = is_enough(run, s),
		.tick = renew_sessions,
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

static struct when_wait when_of(const struct run *run)
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
	struct run *run = arg;
	const struct when_wait on = when_of(run);

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

static struct hs_error *snap_series(struct run *run)
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
	close_sessions(run);
	if (!err && run->o->since_start)
		err = save_kept(run, &s.profiles[0]);
	return err ? err : report(&s, run->o);
}

static struct hs_error *snap_against_base(struct run *run)
{
	hs_cleanup(heap_profile_release) struct heap_profile base, now;
	const struct heap_profile *const both[] = { &base, &now };
	const struct cli_options *o = run->o;
	_cleanup_free_ char *last = NULL;
	_cleanup_close_ int fd = -1;
	const char *path = o->base;
	struct hs_error *err = NULL;

	heap_profile_init(&base);
	heap_profile_init(&now);
	/* Before the new one is saved: that would be the last. */
	if (!strcmp(path, "last")) {
		err = capture_find_last(&run->group.members[0].id, save_dir(o),
					&last);
		path = last;
	}
	if (!err)
		err = heap_open_file(path, &fd);
	if (!err)
		err = heap_selection_read(&run->capture.selection,
					  &run->capture.monitor, fd, path,
					  &base);
	if (!err)
		err = resolver_names(run->members[0].resolver, &base);
	run->last = true;
	if (!err)
		err = take_one(run, 0, &now);
	if (err)
		return err;
	heap_inputs_warn_programs(both, 2, &run->capture.monitor);
	close_sessions(run);
	return cli_report_diff(&base, &now, o);
}

static struct hs_error *snap(struct run *run)
{
	return run->o->base ? snap_against_base(run) : snap_series(run);
}

/* --- when a condition holds ------------------------------------------------ */

/* So that what an attach costs once is paid when memory is scarce: the stack of
 * our thread and jemalloc's arena for it are there, the names are looked up. */
static struct hs_error *take_ahead(struct run *run)
{
	hs_cleanup(heap_profile_release) struct heap_profile unused;
	struct hs_error *err;

	heap_profile_init(&unused);
	run->ahead = true;
	err = take_one(run, 0, &unused);
	run->ahead = false;
	return err;
}

static struct hs_error *snap_when(struct run *run)
{
	const struct identity *id = &run->group.members[0].id;
	const struct cli_options *o = run->o;
	const struct when_wait on = when_of(run);
	struct hs_error *err = when_check(&on);

	if (!err && !o->since_start) {
		err = take_ahead(run);
		run->watched = !err;
		if (!err)
			err = when_wait(&on);
	}
	if (!err)
		err = snap(run);
	/* What there is is there also where its report is not. */
	if (o->exec && run->file)
		err = hs_error_join(err, hook_run(o->exec, run->file, id->pid));
	return err;
}

/* --- with profiling switched on for it ------------------------------------- */

static void remark_activation(const struct identity *id,
			      const struct cli_options *o, enum activation a)
{
	switch (a) {
	case ACTIVATION_WAS_ON:
		errors_note(o, "prof.active is on already, and stays on");
		break;
	case ACTIVATION_DONE:
		errors_note(o, "prof.active is on until this run ends: what "
			       "the process had allocated before is in no "
			       "snapshot");
		break;
	case ACTIVATION_ADOPTED:
		errors_note(o,
			    "an earlier run left prof.active of process %d on; "
			    "this one switches it off at its end",
			    (int)id->pid);
		break;
	}
}

/* Whatever comes in between, a signal included, prof.active is put back: that
 * has a deadline of its own, which no signal cuts short. */
static struct hs_error *snap_activated(struct run *run)
{
	enum { RESTORE_US = 10 * 1000000 };
	const struct session_options *options = &run->capture.session;
	const struct identity *id = &run->group.members[0].id;
	struct deadline d = cli_deadline(run->o), restore;
	enum activation activation;
	struct hs_error *err;
	bool begun;

	err = activation_begin(id, options, &d, &activation, &begun);
	if (!err)
		remark_activation(id, run->o, activation);
	/* A single snapshot shows what was allocated while profiling was on, so
	 * it comes after the interval. */
	if (!err && run->o->count == 1)
		err = signals_wait_alive(id, run->o->interval_us,
					 errors_progress(), "snapshot");
	if (!err)
		err = snap(run);
	if (!begun)
		return err;
	restore = deadline_in(RESTORE_US, NULL);
	return hs_error_join(err, activation_end(id, options, &restore,
						 &run->capture.monitor));
}

/* --- the command ----------------------------------------------------------- */

/* Checks that the snapshots can be written, before the processes are touched
 * and before somebody waits for a series of them. A folder that was asked for
 * is an error of the first snapshot that would be kept in it; without one a
 * report matters more than its snapshots. */
static struct hs_error *check_folder(struct run *run)
{
	const struct cli_options *o = run->o;
	struct hs_error *err = NULL;
	size_t i;

	if (!keeps_snapshots(o))
		return NULL;
	for (i = 0; i < run->group.n && !err; i++)
		err = capture_check_dir(&run->group.members[i].id, save_dir(o));
	/* When the wait is over nobody may look. */
	if (o->n_whens)
		return err;
	if (err && !o->save_dir)
		errors_note(o, "no snapshots are kept: %s",
			    hs_error_message(err));
	run->unwritable = err;
	return NULL;
}

/* Where the memory is can be shown of one process without stacks. */
static bool can_do_without_stacks(const struct run *run)
{
	const struct cli_options *o = run->o;

	return group_is_single(&run->group) && !o->base &&
	       !o->fail_above.text && !o->n_whens && o->count <= 2 &&
	       stats_can_report(o);
}

static bool stacks_are_off(const struct hs_error *err)
{
	return err && hs_error_code(err) == HS_ERROR_NO_PROFILE;
}

static struct hs_error *snap_single(struct run *run)
{
	const struct identity *id = &run->group.members[0].id;
	struct hs_error *err;

	if (!run->o->activate)
		remark_left_on(run->o, id);
	if (run->o->n_whens)
		return snap_when(run);
	err = run->o->activate ? snap_activated(run) : snap(run);
	/* In a session of its own: the one that takes a snapshot reads no
	 * statistics, and this is rare. */
	if (stacks_are_off(err) && can_do_without_stacks(run)) {
		hs_error_free(err);
		err = stats_of(id, run->o);
	}
	return err;
}

/* Ends as the run would, but for what only its dumps can show. The reports go
 * to where nothing else does: -o is for the snapshots' report. */
static struct hs_error *rehearse(struct run *run)
{
	struct cli_options o = *run->o;
	struct hs_error *err = NULL, *one;
	size_t i;

	o.output = NULL;
	for (i = 0; i < run->group.n; i++) {
		one = check_of(&run->group.members[i].id, &o);
		err = hs_error_join(err, one);
	}
	if (stacks_are_off(err) && can_do_without_stacks(run)) {
		errors_note(&o, "without stacks, a run shows where the memory "
				"is");
		hs_error_free(err);
		err = NULL;
	}
	if (!err && run->o->save_dir)
		err = take_ptr(run->unwritable);
	return err;
}

/* Of the processes @pids[0..n). */
static struct hs_error *snap_processes(struct run *run, const uint64_t *pids,
				       size_t n)
{
	const struct cli_options *o = run->o;
	struct hs_error *err;

	err = group_open(&run->group, pids, n, o->children);
	if (!err && o->output)
		err = sink_check(o->output);
	if (err)
		return err;
	run->capture.no_stats = o->no_stats;
	run->capture.beside_others = !group_is_single(&run->group);
	err = check_folder(run);
	if (err)
		return err;
	if (o->dry_run)
		return rehearse(run);
	err = open_members(run);
	if (err)
		return err;
	return group_is_single(&run->group) ? snap_single(run) : snap(run);
}

/* @pids[0..n): as of snap_processes(). *watched: a wait for a condition has
 * begun. */
static struct hs_error *snap_once(const struct cli_options *o,
				  const uint64_t *pids, size_t n, bool *watched)
{
	hs_cleanup(run_release) struct run run = {
		.o = o,
		.capture = {
			.session = cli_session_options(o),
			.selection = cli_selection(o),
			.timeout_us = o->timeout_us,
			.max_dump = o->max_dump,
			.monitor = o->monitor,
		},
	};
	struct hs_error *err = snap_processes(&run, pids, n);

	*watched = run.watched;
	return err;
}

/* With a name, --when is about the service, which may be started again. */
static struct hs_error *snap_following(const struct cli_options *o,
				       const char *name)
{
	hs_cleanup(follow_release) struct follow f;
	struct hs_error *err = NULL;
	bool watched, again = true;

	follow_begin(&f, o, name, o->pid);
	while (!err && again) {
		err = snap_once(o, &f.pid, 1, &watched);
		again = follow_goes_on(&f, err, watched);
		if (again)
			err = follow_next(&f, err, watched);
	}
	return err;
}

struct hs_error *cmd_snap(const struct cli_options *o)
{
	bool watched;

	signals_catch();
	if (o->n_whens && processes_is_name(o->processes.items[0]))
		return snap_following(o, o->processes.items[0]);
	return snap_once(o, o->pids.items, o->pids.n, &watched);
}
