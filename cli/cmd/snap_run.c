#include "cli/cmd/snap_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/errors.h"
#include "cli/remarks.h"
#include "report/settings.h"

static bool keeps_snapshots(const struct cli_options *o)
{
	return !o->no_save && o->format != FORMAT_HEAP;
}

const char *snap_dir(const struct cli_options *o)
{
	return o->save_dir ? o->save_dir : ".";
}

void snap_run_close_sessions(struct snap_run *run)
{
	size_t i;

	for (i = 0; run->members && i < run->group.n; i++)
		standing_close(&run->members[i].standing);
}

void snap_run_release(struct snap_run *run)
{
	size_t i;

	hs_error_free(run->unwritable);
	free(run->file);
	snap_run_close_sessions(run);
	for (i = 0; run->members && i < run->group.n; i++) {
		resolver_destroy(run->members[i].resolver);
		kept_release(&run->members[i].kept);
	}
	free(run->members);
	group_release(&run->group);
}

struct hs_error *snap_run_open(struct snap_run *run)
{
	struct names_options options = cli_names_options(run->o);
	struct hs_error *err = NULL;
	struct file_source source;
	struct snap_member *m;
	size_t i;

	run->members = calloc(run->group.n, sizeof(*run->members));
	if (!run->members)
		return hs_error_nomem();
	options.gives_way = true;
	options.cache = names_cache_writable(options.cache);
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
static struct hs_error *note_file(struct snap_run *run, const char *path,
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
static bool is_kept_back(const struct snap_run *run)
{
	if (run->o->since_start)
		return !run->n_taken;
	return run->o->spread && !run->o->save_all && run->n_taken &&
	       !run->last;
}

/* Writes the snapshot file, if the options ask for one. */
static struct hs_error *save(struct snap_run *run, size_t i, struct capture *c)
{
	const struct identity *id = &run->group.members[i].id;
	const char *dir = snap_dir(run->o);
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

struct hs_error *snap_save_kept(struct snap_run *run, struct heap_profile *p)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < run->group.n && !err; i++)
		err = kept_save(&run->members[i].kept, p);
	return err;
}

/* Between its steps it checks for a signal that came where nothing waits. */
struct hs_error *snap_take_one(void *arg, size_t i, struct heap_profile *ret)
{
	struct snap_run *run = arg;
	const struct identity *id = &run->group.members[i].id;
	const struct monitor *monitor = &run->capture.monitor;
	struct snap_member *member = &run->members[i];
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

/* A folder that was asked for is an error of the first snapshot that would be
 * kept in it; without one a report matters more than its snapshots. */
struct hs_error *snap_check_folder(struct snap_run *run)
{
	const struct cli_options *o = run->o;
	struct hs_error *err = NULL;
	size_t i;

	if (!keeps_snapshots(o))
		return NULL;
	for (i = 0; i < run->group.n && !err; i++)
		err = capture_check_dir(&run->group.members[i].id, snap_dir(o));
	/* When the wait is over nobody may look. */
	if (o->n_whens)
		return err;
	if (err && !o->save_dir)
		errors_note(o, "no snapshots are kept: %s",
			    hs_error_message(err));
	run->unwritable = err;
	return NULL;
}
