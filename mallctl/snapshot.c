#include "mallctl/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "attach/preflight.h"
#include "mallctl/profiling_off.h"
#include "mallctl/session_meta.h"
#include "mallctl/stats.h"
#include "mallctl/values.h"

static struct hs_error *name_jemalloc(const struct session *s,
				      struct snapshot *snap)
{
	if (s->jemalloc->file) {
		snap->jemalloc_path = strdup(s->jemalloc->file->first->path);
		if (!snap->jemalloc_path)
			return hs_error_nomem();
	}
	snap->jemalloc_shared = s->jemalloc->shared;
	snap->n_jemallocs = s->jemallocs.n;
	snap->jemalloc_prefix = strdup(s->jemalloc->prefix);
	return snap->jemalloc_prefix ? NULL : hs_error_nomem();
}

static struct hs_error *check_settings(struct session *s, struct heap_meta *o)
{
	struct hs_error *err, *why;

	err = profiling_off_why(s, o->jemalloc_version, &why);
	if (why)
		return why;
	if (!err)
		err = mallctl_get_flag(s, "prof.active", &o->prof_active);
	if (!err)
		err = mallctl_get_flag(s, "opt.prof_accum", &o->prof_accum);
	if (!err)
		err = mallctl_get_flag(s, "opt.prof_active",
				       &o->opt_prof_active);
	if (!err)
		err = mallctl_get_flag(s, "opt.prof_thread_active_init",
				       &o->thread_active_init);
	if (!err)
		err = profiling_off_dump_hook(s, &why);
	return err ? err : why;
}

static struct hs_error *take(struct session *s,
			     const struct snapshot_options *options,
			     struct snapshot *snap)
{
	/* A borrowed thread is not held for these: they take longer than the
	 * rest. */
	const bool counts = !options->no_stats && !s->helper.borrowed;
	struct heap_meta *o = &snap->meta;
	struct hs_error *err;

	err = name_jemalloc(s, snap);
	if (!err)
		err = session_describe(s, o);
	if (!err)
		err = check_settings(s, o);
	if (!err)
		err = heap_meta_set_time(o, clock_wall_us());
	/* jemalloc notes its counters right before the dump and keeps what it
	 * has noted: reading them can wait until after it. */
	if (!err && counts)
		err = stats_refresh(s);
	if (!err)
		err = prof_dump(s, &options->dump, &snap->dump, &o->dump_us);
	if (!err && counts)
		err = stats_read_classes(s, o);
	if (err)
		return err;
	o->dump_bytes = (int64_t)snap->dump.len;
	err = stats_read_memory(s, options->no_stats, options->beside_others,
				o);
	snap->heap = s->heap;
	return err;
}

struct hs_error *snapshot_take(struct standing *standing,
			       const struct identity *id,
			       const struct snapshot_options *options,
			       const struct deadline *d, struct snapshot *ret)
{
	int64_t *pause_us = &ret->meta.pause_us;
	struct hs_error *err;

	*ret = (struct snapshot){ 0 };
	heap_meta_init(&ret->meta);
	err = standing_open(standing, id, &options->session, d);
	if (!err) {
		err = take(&standing->session, options, ret);
		if (err || options->last)
			err = hs_error_join(err,
					    standing_end(standing, pause_us));
		else
			err = standing_rest(standing, pause_us);
		if (!*pause_us) /* its helper thread was there already */
			ret->meta.stopped_thread = NULL;
	}
	if (err) {
		snapshot_release(ret);
		err = identity_explain_end(id, preflight_explain(id, err));
		err = hs_error_wrap(err, "cannot snapshot process %d ('%s')",
				    (int)id->pid, id->command);
	}
	return err;
}

void snapshot_release(struct snapshot *snapshot)
{
	spool_release(&snapshot->dump);
	free(snapshot->jemalloc_path);
	free(snapshot->jemalloc_prefix);
	heap_meta_release(&snapshot->meta);
	*snapshot = (struct snapshot){ 0 };
}
