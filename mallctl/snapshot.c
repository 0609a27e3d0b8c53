#include "mallctl/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "mallctl/prof_dump.h"
#include "proc/status.h"

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

static struct hs_error *not_profiled(const struct snapshot *snap,
				     int config_prof)
{
	const char *version = snap->jemalloc_version;
	struct hs_error *err;

	if (!config_prof) {
		err = hs_error_new(HS_ERROR_UNPROFILED,
				   "its jemalloc, version %s, was built "
				   "without profiling",
				   version ? version : "unknown");
		return hs_error_hint(err, "link one that was configured with "
					  "--enable-prof, as Debian's "
					  "libjemalloc2 is");
	}
	err = hs_error_new(HS_ERROR_UNPROFILED,
			   "profiling is not on in its jemalloc");
	return hs_error_hint(err,
			     "it can only be turned on at start: set "
			     "%s=prof:true in its environment (with "
			     ",lg_prof_sample:19 for the default, one sample "
			     "every 512 KiB)",
			     snap->conf_variable);
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
	struct hs_error *err;
	int config_prof, opt_prof;

	if (s->jemalloc->file) {
		snap->jemalloc_path = strdup(s->jemalloc->file->first->path);
		if (!snap->jemalloc_path)
			return hs_error_nomem();
	}
	snap->jemalloc_shared = s->jemalloc->shared;
	err = jemalloc_conf_variable(s->jemalloc, &snap->conf_variable);
	if (!err)
		err = mallctl_get_string(s, "version", &snap->jemalloc_version);
	if (!err)
		err = get_flag(s, "config.prof", &config_prof);
	if (!err)
		err = get_flag(s, "opt.prof", &opt_prof);
	if (!err && (config_prof != 1 || opt_prof != 1))
		err = not_profiled(snap, config_prof == 1);
	if (!err)
		err = get_flag(s, "prof.active", &snap->prof_active);
	if (!err)
		err = get_flag(s, "opt.prof_accum", &snap->prof_accum);
	if (!err)
		err = refuse_hook(s);
	return err;
}

static struct hs_error *read_ledger(struct session *s,
				    struct snapshot_ledger *ledger)
{
	const struct {
		const char *name;
		int64_t *value;
	} rows[] = {
		{ "stats.allocated", &ledger->allocated },
		{ "stats.active", &ledger->active },
		{ "stats.metadata", &ledger->metadata },
		{ "stats.resident", &ledger->resident },
		{ "stats.mapped", &ledger->mapped },
		{ "stats.retained", &ledger->retained },
	};
	/* Statistics are as of the last time this was written. */
	const uint64_t epoch = 1;
	struct hs_error *err;
	int64_t result;
	size_t i;

	err = mallctl_set(s, "epoch", &epoch, sizeof(epoch), NULL, &result);
	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++) {
		uint64_t value = 0;
		bool found;

		err = mallctl_get(s, rows[i].name, &value, sizeof(value),
				  &found);
		if (!err && found)
			*rows[i].value = (int64_t)value;
	}
	return err;
}

static struct hs_error *take(struct session *s,
			     const struct snapshot_options *options,
			     struct snapshot *snap)
{
	struct hs_error *err, *unread;
	struct status status;

	snap->borrowed = s->guest.borrowed;
	snap->host_tid = s->guest.host_tid;
	err = read_settings(s, snap);
	if (err)
		return err;
	snap->taken_at_us = wall_clock_us();
	err = prof_dump(s, &snap->dump, &snap->dump_us);
	if (!err && !options->no_stats)
		err = read_ledger(s, &snap->ledger);
	unread = status_read(s->id->pid, &status);
	if (!unread)
		snap->ledger.rss = (int64_t)status.vm_rss;
	hs_error_free(unread);
	return err;
}

struct hs_error *snapshot_take(const struct identity *id,
			       const struct snapshot_options *options,
			       const struct deadline *d, struct snapshot *ret)
{
	struct session session;
	struct hs_error *err;

	*ret = (struct snapshot){ .prof_active = -1,
				  .prof_accum = -1,
				  .ledger = { -1, -1, -1, -1, -1, -1, -1 } };
	err = session_open(id, &options->session, d, &session);
	if (!err) {
		err = take(&session, options, ret);
		err = hs_error_join(err,
				    session_close(&session, &ret->pause_us));
	}
	if (err) {
		snapshot_release(ret);
		err = identity_explain_end(id, err);
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
	free(snapshot->conf_variable);
	*snapshot = (struct snapshot){ 0 };
}
