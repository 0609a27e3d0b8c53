#include <string.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "cli/cmd/check.h"
#include "cli/cmd/follow.h"
#include "cli/cmd/snap_run.h"
#include "cli/cmd/snap_series.h"
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
#include "output/sink.h"
#include "report/report.h"
#include "report/settings.h"

static struct hs_error *snap_against_base(struct snap_run *run)
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
		err = capture_find_last(&run->group.members[0].id, snap_dir(o),
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
		err = snap_take_one(run, 0, &now);
	if (err)
		return err;
	heap_inputs_warn_programs(both, 2, &run->capture.monitor);
	snap_run_close_sessions(run);
	return cli_report_diff(&base, &now, o);
}

static struct hs_error *snap(struct snap_run *run)
{
	return run->o->base ? snap_against_base(run) : snap_series(run);
}

/* --- when a condition holds ------------------------------------------------ */

/* So that what an attach costs once is paid when memory is scarce: the stack of
 * our thread and jemalloc's arena for it are there, the names are looked up. */
static struct hs_error *take_ahead(struct snap_run *run)
{
	hs_cleanup(heap_profile_release) struct heap_profile unused;
	struct hs_error *err;

	heap_profile_init(&unused);
	run->ahead = true;
	err = snap_take_one(run, 0, &unused);
	run->ahead = false;
	return err;
}

static struct hs_error *snap_when(struct snap_run *run)
{
	const struct identity *id = &run->group.members[0].id;
	const struct cli_options *o = run->o;
	const struct when_wait on = snap_when_of(run);
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
static struct hs_error *snap_activated(struct snap_run *run)
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

/* Where the memory is can be shown of one process without stacks. */
static bool can_do_without_stacks(const struct snap_run *run)
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

static struct hs_error *snap_single(struct snap_run *run)
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
static struct hs_error *rehearse(struct snap_run *run)
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
static struct hs_error *snap_processes(struct snap_run *run,
				       const uint64_t *pids, size_t n)
{
	const struct cli_options *o = run->o;
	struct hs_error *err;

	err = group_open(&run->group, pids, n, o->children);
	if (!err && o->output)
		err = sink_check(o->output);
	if (err)
		return err;
	run->capture.no_stats = o->no_stats;
	run->capture.no_contents = o->no_contents;
	run->capture.demangle = o->demangle;
	run->capture.beside_others = !group_is_single(&run->group);
	err = snap_check_folder(run);
	if (err)
		return err;
	if (o->dry_run)
		return rehearse(run);
	err = snap_run_open(run);
	if (err)
		return err;
	return group_is_single(&run->group) ? snap_single(run) : snap(run);
}

/* @pids[0..n): as of snap_processes(). *watched: a wait for a condition has
 * begun. */
static struct hs_error *snap_once(const struct cli_options *o,
				  const uint64_t *pids, size_t n, bool *watched)
{
	hs_cleanup(snap_run_release) struct snap_run run = {
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
