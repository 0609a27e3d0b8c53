#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "snap/capture.h"
#include "cli/cmd/stats.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/filters.h"
#include "target/target_files.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "names/resolver.h"
#include "snap/series.h"
#include "cli/signals.h"
#include "cli/sink.h"
#include "cli/cmd/snap.h"
#include "mallctl/activate.h"
#include "base/units.h"
#include "mallctl/profiling_off.h"

/* A signal that came where nothing waits is seen here. */
static struct hs_error *check_stop(void)
{
	struct deadline d = deadline_in(1000000, signals_stop());

	return deadline_check(&d);
}

static void tell(const struct cli_options *o, const struct capture *c)
{
	const struct heap_origin *origin = &c->profile.origin;
	const struct snapshot *s = &c->snapshot;

	if (heap_origin_borrowed(origin))
		errors_note_borrowed(o, origin->host_tid, origin->pause_us);
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
			    "was %" PRId64 " us; jemalloc wrote %zu bytes in "
			    "%" PRId64 " us",
			    origin->host_tid, origin->pause_us, s->dump.len,
			    origin->dump_us);
}

struct hs_error *snap_wait(int64_t us, int pidfd, const struct heap_profile *p,
			   enum wait_end *ret)
{
	_cleanup_strbuf_ struct strbuf found = { 0 };

	units_add_bytes(&found, llround(p->total.bytes), false, UNITS_IEC);
	strbuf_adds(&found, " live in ");
	units_add_counted(&found, llround(p->total.objects), "object", false);
	return signals_wait(us > 0 ? us : 0, pidfd, strbuf_str(&found), ret);
}

struct hs_error *snap_take(const struct identity *id,
			   const struct cli_options *o, struct resolver *r,
			   struct capture *c)
{
	struct hs_error *err = capture_take(id, o, c);

	if (!err)
		err = check_stop();
	if (err)
		return err;
	tell(o, c);
	err = resolver_names(r, &c->profile);
	if (!err && !o->no_save && o->format != FORMAT_HEAP)
		err = capture_save(c, id, o->save_dir);
	if (!err)
		err = check_stop();
	return err;
}

/* Where the memory is can be told without stacks. */
static bool can_do_without_stacks(const struct cli_options *o)
{
	return !o->base && !o->fail_above.text && o->count <= 2 &&
	       stats_can_report(o);
}

/* Nothing is kept of a process that does not profile. */
static bool has_stacks(const struct identity *id, const struct cli_options *o)
{
	const struct session_options options = live_session_options(o);
	struct deadline d = deadline_in(o->timeout_us, signals_stop());
	struct hs_error *unasked, *why;
	bool stacks;

	unasked = advice_ask(id, &options, &d, &why);
	hs_error_free(unasked);
	stacks = !why;
	hs_error_free(why);
	return stacks;
}

struct hs_error *snap_check_files(const struct identity *id,
				  const struct cli_options *o)
{
	struct hs_error *err = NULL;

	if (o->output)
		err = sink_check(o->output);
	if (err || o->no_save || o->format == FORMAT_HEAP)
		return err;
	err = capture_check_dir(id, o->save_dir);
	if (err && can_do_without_stacks(o) && !has_stacks(id, o)) {
		hs_error_free(err);
		err = NULL;
	}
	return err;
}

static struct hs_error *snap_one(const struct identity *id,
				 const struct cli_options *o,
				 struct resolver *r)
{
	_cleanup_capture_ struct capture c;
	struct hs_error *err;

	capture_init(&c);
	err = snap_take(id, o, r, &c);
	if (err)
		return err;
	if (o->format == FORMAT_HEAP)
		return capture_write(&c, o->output);
	return cli_report_one(&c.profile, o);
}

static struct hs_error *snap_against_base(const struct identity *id,
					  const struct cli_options *o,
					  struct resolver *r)
{
	hs_cleanup(heap_profile_release) struct heap_profile base;
	_cleanup_free_ char *last = NULL;
	_cleanup_capture_ struct capture c;
	const char *path = o->base;
	struct hs_error *err = NULL;

	heap_profile_init(&base);
	capture_init(&c);
	/* Before the new one is kept: that would be the last. */
	if (!strcmp(path, "last")) {
		err = capture_find_last(id, o->save_dir, &last);
		path = last;
	}
	if (!err)
		err = filters_read_file(o, path, &base);
	if (!err)
		err = resolver_names(r, &base);
	if (!err)
		err = snap_take(id, o, r, &c);
	return err ? err : cli_report_diff(&base, &c.profile, o);
}

static struct hs_error *take_next(struct series *s, const struct identity *id,
				  const struct cli_options *o,
				  struct resolver *r)
{
	_cleanup_capture_ struct capture c;
	struct hs_error *err;

	capture_init(&c);
	err = snap_take(id, o, r, &c);
	return err ? err : series_add(s, &c.profile);
}

/* The process is gone: what there is may do. */
static struct hs_error *cut_short(const struct series *s,
				  const struct identity *id,
				  const struct cli_options *o)
{
	if (s->n < 2)
		return hs_error_new(HS_ERROR_GONE,
				    "process %d ('%s') ended before the second "
				    "snapshot",
				    (int)id->pid, id->command);
	errors_note(o,
		    "process %d ('%s') ended after %zu of %" PRIu64
		    " snapshots",
		    (int)id->pid, id->command, s->n, o->count);
	return NULL;
}

static struct hs_error *snap_series(const struct identity *id,
				    const struct cli_options *o,
				    struct resolver *r)
{
	hs_cleanup(series_release) struct series s = { 0 };
	enum wait_end end = WAIT_OVER;
	struct hs_error *err;
	int64_t next, left;

	for (;;) {
		next = clock_us() + o->interval_us;
		err = take_next(&s, id, o, r);
		if (err || s.n == o->count)
			break;
		/* To name and keep one is part of the wait. */
		left = next - clock_us();
		err = snap_wait(left, id->pidfd, series_last(&s), &end);
		if (!err && end == WAIT_GONE)
			err = cut_short(&s, id, o);
		if (err || end == WAIT_GONE)
			break;
	}
	return err ? err : series_report(&s, o);
}

static struct hs_error *snap(const struct identity *id,
			     const struct cli_options *o, struct resolver *r)
{
	if (o->base)
		return snap_against_base(id, o, r);
	if (o->count == 1)
		return snap_one(id, o, r);
	return snap_series(id, o, r);
}

static void tell_activation(const struct identity *id,
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

/* One snapshot shows what was allocated while profiling was on: that takes the
 * interval, too. */
static struct hs_error *await_allocations(const struct identity *id,
					  const struct cli_options *o)
{
	struct hs_error *err;
	enum wait_end end;

	if (o->count != 1)
		return NULL;
	err = signals_wait(o->interval_us, id->pidfd, "", &end);
	if (!err && end == WAIT_GONE)
		err = hs_error_new(
			HS_ERROR_GONE,
			"process %d ('%s') ended before the snapshot",
			(int)id->pid, id->command);
	return err;
}

/* Whatever comes in between, a signal included, it is put back: the way back
 * has a time of its own, which no signal cuts short. */
static struct hs_error *snap_activated(const struct identity *id,
				       const struct cli_options *o,
				       struct resolver *r)
{
	enum { WAY_BACK_US = 10 * 1000000 };
	const struct session_options options = live_session_options(o);
	struct deadline d = deadline_in(o->timeout_us, signals_stop()), back;
	enum activation activation;
	struct hs_error *err;
	bool begun;

	err = activation_begin(id, &options, &d, &activation, &begun);
	if (!err)
		tell_activation(id, o, activation);
	if (!err)
		err = await_allocations(id, o);
	if (!err)
		err = snap(id, o, r);
	if (!begun)
		return err;
	back = deadline_in(WAY_BACK_US, NULL);
	return hs_error_join(err, activation_end(id, &options, &back));
}

struct hs_error *cmd_snap(const struct cli_options *o)
{
	hs_cleanup(identity_close) struct identity id = { 0 };
	const struct resolve_source source = live_source(&id);
	_cleanup_resolver_ struct resolver *r = NULL;
	struct hs_error *err;

	signals_catch();
	progress_init(o);
	if (o->n_pids > 1 || o->children)
		return snap_group(o);
	err = identity_open((pid_t)o->pid, &id);
	if (!err)
		err = snap_check_files(&id, o);
	if (!err)
		err = resolver_create(o, &source, &r);
	if (err)
		return err;
	if (!o->activate)
		live_tell_left_on(&id, o);
	err = o->activate ? snap_activated(&id, o, r) : snap(&id, o, r);
	if (err && hs_error_code(err) == HS_ERROR_NO_PROFILE &&
	    can_do_without_stacks(o)) {
		hs_error_free(err);
		err = stats_of(&id, o);
	}
	return err;
}
