#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "cli/capture.h"
#include "cli/cmd_stats.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/filters.h"
#include "cli/report.h"
#include "cli/resolve.h"
#include "cli/signals.h"

/* A signal that came where nothing waits is seen here. */
static struct hs_error *check_stop(void)
{
	struct deadline d = deadline_in(1000000, signals_stop());

	return deadline_check(&d);
}

static void tell(const struct cli_options *o, const struct capture *c)
{
	const struct snapshot *s = &c->snapshot;

	if (s->borrowed)
		errors_note(o,
			    "no thread could be made in the process: thread "
			    "%" PRId64 " of it was used instead, and stopped "
			    "for %" PRId64 " us",
			    s->host_tid, s->pause_us);
	if (o->verbose)
		errors_note(o,
			    "thread %" PRId64 " was borrowed, the longest stop "
			    "was %" PRId64 " us; jemalloc wrote %zu bytes in "
			    "%" PRId64 " us",
			    s->host_tid, s->pause_us, s->dump.len, s->dump_us);
}

/* Takes one, names its frames and keeps it. */
static struct hs_error *take(const struct identity *id,
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

static struct hs_error *snap_one(const struct identity *id,
				 const struct cli_options *o,
				 struct resolver *r)
{
	_cleanup_capture_ struct capture c;
	struct hs_error *err;

	capture_init(&c);
	err = take(id, o, r, &c);
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
		err = take(id, o, r, &c);
	return err ? err : cli_report_diff(&base, &c.profile, o);
}

static struct hs_error *snap_twice(const struct identity *id,
				   const struct cli_options *o,
				   struct resolver *r)
{
	_cleanup_capture_ struct capture before, after;
	int64_t next = clock_us() + o->interval_us;
	struct hs_error *err;
	enum wait_end end;

	capture_init(&before);
	capture_init(&after);
	err = take(id, o, r, &before);
	if (err)
		return err;
	/* To name and keep the first one is part of the wait. */
	next -= clock_us();
	err = signals_wait(next > 0 ? next : 0, id->pidfd,
			   !o->quiet && isatty(STDERR_FILENO), &end);
	if (!err && end == WAIT_GONE)
		err = hs_error_new(HS_ERROR_GONE,
				   "process %d ('%s') ended before the second "
				   "snapshot",
				   (int)id->pid, id->command);
	if (!err)
		err = take(id, o, r, &after);
	return err ? err : cli_report_diff(&before.profile, &after.profile, o);
}

struct hs_error *cmd_snap(const struct cli_options *o)
{
	hs_cleanup(identity_close) struct identity id = { 0 };
	_cleanup_resolver_ struct resolver *r = NULL;
	struct hs_error *err;

	signals_catch();
	err = identity_open((pid_t)o->pid, &id);
	if (!err)
		err = resolver_create(o, capture_open_module, &id, &r);
	if (err)
		return err;
	if (o->base)
		err = snap_against_base(&id, o, r);
	else if (o->count == 1)
		err = snap_one(&id, o, r);
	else
		err = snap_twice(&id, o, r);
	/* Where the memory is can be told without stacks. */
	if (err && hs_error_code(err) == HS_ERROR_NO_PROFILE && !o->base &&
	    !o->fail_above.text && stats_can_report(o)) {
		hs_error_free(err);
		err = stats_of(&id, o);
	}
	return err;
}
