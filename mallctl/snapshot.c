#include "mallctl/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attach/preflight.h"
#include "mallctl/profiling_off.h"
#include "mallctl/prof_dump.h"

static int64_t wall_clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static struct hs_error *get_flag(struct session *s, const char *name, int *ret)
{
	struct hs_error *err;
	bool value = false, found;

	err = mallctl_get(s, name, &value, sizeof(value), &found);
	*ret = err || !found ? -1 : value;
	return err;
}

/* A hook would run on our thread, with jemalloc's dump lock held, on data that
 * only the service understands. */
static struct hs_error *refuse_hook(struct session *s)
{
	struct hs_error *err;
	uint64_t hook = 0;
	bool found;

	err = mallctl_get(s, "experimental.hooks.prof_dump", &hook,
			  sizeof(hook), &found);
	if (err || !found || !hook)
		return err;
	return hs_error_new(HS_ERROR_UNPROFILED,
			    "it has a prof_dump hook, which a snapshot would "
			    "call");
}

static struct hs_error *read_settings(struct session *s, struct snapshot *snap)
{
	struct hs_error *err, *off = NULL;

	if (s->jemalloc->file) {
		snap->jemalloc_path = strdup(s->jemalloc->file->first->path);
		if (!snap->jemalloc_path)
			return hs_error_nomem();
	}
	snap->jemalloc_shared = s->jemalloc->shared;
	snap->n_jemallocs = s->jemallocs.n;
	snap->jemalloc_prefix = strdup(s->jemalloc->prefix);
	if (!snap->jemalloc_prefix)
		return hs_error_nomem();
	err = mallctl_get_string(s, "version", &snap->jemalloc_version);
	if (!err)
		err = advice_profiling(s, snap->jemalloc_version, &off);
	if (off)
		return off;
	if (!err)
		err = get_flag(s, "prof.active", &snap->prof_active);
	if (!err)
		err = get_flag(s, "opt.prof_accum", &snap->prof_accum);
	if (!err)
		err = refuse_hook(s);
	return err;
}

static struct hs_error *take(struct session *s,
			     const struct snapshot_options *options,
			     struct snapshot *snap)
{
	struct hs_error *err;

	snap->borrowed = s->guest.borrowed;
	snap->host_tid = s->guest.host_tid;
	err = read_settings(s, snap);
	if (err)
		return err;
	snap->taken_at_us = wall_clock_us();
	err = prof_dump(s, options, &snap->dump, &snap->dump_us);
	if (!err)
		err = stats_memory_read(s, options->no_stats, &snap->memory);
	return err;
}

struct hs_error *snapshot_take(const struct identity *id,
			       const struct snapshot_options *options,
			       const struct deadline *d, struct snapshot *ret)
{
	struct session session;
	struct hs_error *err;

	*ret = (struct snapshot){ .prof_active = -1, .prof_accum = -1 };
	stats_memory_init(&ret->memory);
	err = session_open(id, &options->session, d, &session);
	if (!err) {
		err = take(&session, options, ret);
		err = hs_error_join(err,
				    session_close(&session, &ret->pause_us));
	}
	if (err) {
		snapshot_release(ret);
		err = identity_explain_end(id, refuse_explain(id, err));
		err = hs_error_wrap(err, "cannot snapshot process %d ('%s')",
				    (int)id->pid, id->command);
	}
	return err;
}

void snapshot_release(struct snapshot *snapshot)
{
	strbuf_release(&snapshot->dump);
	free(snapshot->jemalloc_version);
	free(snapshot->jemalloc_path);
	free(snapshot->jemalloc_prefix);
	stats_memory_release(&snapshot->memory);
	*snapshot = (struct snapshot){ 0 };
	stats_memory_init(&snapshot->memory);
}
