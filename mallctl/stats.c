#include "mallctl/stats.h"

#include <inttypes.h>
#include <stdio.h>

#include "attach/preflight.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/sched_boost.h"
#include "mallctl/classes.h"
#include "mallctl/large_sizes.h"
#include "mallctl/profiling_off.h"
#include "mallctl/session_meta.h"
#include "mallctl/values.h"
#include "proc/maps.h"
#include "proc/passive_memory.h"
#include "proc/status.h"
#include "proc/usage.h"
#include "target/limit_use.h"
#include "target/memory_use.h"

/* Reading takes hundreds of calls of microseconds each: where all CPUs are
 * busy, most of the time goes into waiting for a CPU, for the helper thread and
 * for us. A borrowed thread keeps its own priority. */
struct hurry {
	struct sched_boost ours, helpers;
};

static void hurry_begin(struct hurry *hurry, const struct session *s)
{
	*hurry = (struct hurry){ 0 };
	if (s->helper.borrowed)
		return;
	sched_boost_begin(&hurry->ours);
	sched_boost_begin_helper(&hurry->helpers, helper_tid(&s->helper));
}

static void hurry_end(struct hurry *hurry)
{
	sched_boost_end(&hurry->helpers);
	sched_boost_end(&hurry->ours);
}

struct hs_error *stats_refresh(struct session *s)
{
	/* Statistics are as of the last write to this. */
	const uint64_t epoch = 1;
	int64_t result;

	return mallctl_set(s, "epoch", &epoch, sizeof(epoch), NULL, &result);
}

static struct hs_error *read_totals(struct session *s, struct heap_meta *o)
{
	const struct {
		const char *name;
		int64_t *value;
	} rows[] = {
		{ "stats.allocated", &o->allocated },
		{ "stats.active", &o->active },
		{ "stats.metadata", &o->metadata },
		{ "stats.resident", &o->resident },
		{ "stats.mapped", &o->mapped },
		{ "stats.retained", &o->retained },
	};
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++)
		err = mallctl_get_size(s, rows[i].value, "%s", rows[i].name);
	return err;
}

/* Reads the values of all arenas together. */
static struct hs_error *read_merged(struct session *s, struct heap_meta *o)
{
	const struct {
		const char *name;
		int64_t *value;
		bool pages;
	} rows[] = {
		{ "pdirty", &o->dirty, true },
		{ "pmuzzy", &o->muzzy, true },
		{ "tcache_bytes", &o->tcache, false },
	};
	struct hs_error *err;
	uint64_t merged;
	bool known;
	size_t i;

	err = classes_merged_index(s, &merged, &known);
	if (err || !known)
		return err;
	err = mallctl_get_size(s, &o->page, "arenas.page");
	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++) {
		err = mallctl_get_size(s, rows[i].value,
				       "stats.arenas.%" PRIu64 ".%s", merged,
				       rows[i].name);
		if (rows[i].pages)
			*rows[i].value = mallctl_pages(*rows[i].value, o->page);
	}
	if (!err)
		err = large_sizes_read(s, merged, o);
	/* Since 5.0 what is mapped and what is retained is all that it holds
	 * (src/arena.c, src/base.c); before, cached chunks were in neither. */
	if (merged >= MALLCTL_ARENAS_ALL && o->mapped >= 0 && o->retained >= 0)
		o->owned = o->mapped + o->retained;
	return err;
}

/* Before 5.0 there is none of these. */
static struct hs_error *read_decay(struct session *s, const char *name,
				   int64_t *ret)
{
	struct hs_error *err;
	uint64_t value;
	bool found;

	err = mallctl_get_number(s, name, sizeof(value), &value, &found);
	if (err || !found)
		return err;
	/* An ssize_t: -1 is never. */
	*ret = value > HEAP_DECAY_NEVER ? HEAP_DECAY_NEVER : (int64_t)value;
	return NULL;
}

static struct hs_error *read_numbers(struct session *s, struct heap_meta *o)
{
	struct hs_error *err = stats_refresh(s);
	struct hurry hurry;

	if (err)
		return err;
	o->counters_us = clock_wall_us() - o->taken_at_us;
	hurry_begin(&hurry, s);
	err = read_totals(s, o);
	if (!err)
		err = read_merged(s, o);
	if (!err)
		err = read_decay(s, "arena.0.dirty_decay_ms",
				 &o->dirty_decay_ms);
	if (!err)
		err = read_decay(s, "arena.0.muzzy_decay_ms",
				 &o->muzzy_decay_ms);
	hurry_end(&hurry);
	return err;
}

struct hs_error *stats_read_classes(struct session *s, struct heap_meta *o)
{
	struct hs_error *err;
	struct hurry hurry;

	hurry_begin(&hurry, s);
	err = classes_count(s, o);
	hurry_end(&hurry);
	return err;
}

static int64_t total_rss(const struct smaps *smaps)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < smaps->n; i++)
		sum += (int64_t)smaps->items[i].rss;
	return sum;
}

/* Reads jemalloc's own records of its memory: after the pages of @usage, so
 * that they know all of them. No page comes into being for that: a process that
 * grows makes records all the time, each behind the last one. */
static struct hs_error *read_heap(struct session *s, const struct usage *usage,
				  struct heap_use *ret, bool *found)
{
	hs_cleanup(heap_ranges_release) struct heap_ranges data = { 0 };
	hs_cleanup(maps_release) struct maps maps = { 0 };
	struct passive_memory memory = { .pagemap = -1 };
	struct memory_source source;
	struct hs_error *err;

	*found = false;
	if (!s->jemalloc->file)
		return NULL;
	err = heap_use_data(&usage->smaps.maps, s->jemalloc->file->first,
			    &data);
	if (!err)
		err = maps_read(s->id->pid, &maps);
	if (!err)
		err = passive_memory_open(s->id->pid, &maps, 0, &memory);
	source = passive_memory_source(&memory);
	if (!err)
		err = heap_use_read(&source, &data, usage, ret, found);
	passive_memory_close(&memory);
	return err;
}

static struct hs_error *add_usage(struct session *s, const struct usage *usage,
				  struct heap_meta *o)
{
	hs_cleanup(heap_use_release) struct heap_use heap = { 0 };
	struct hs_error *err = NULL;
	bool found = false;

	o->rss = total_rss(&usage->smaps);
	if (o->owned >= 0)
		err = read_heap(s, usage, &heap, &found);
	if (found)
		s->heap = heap.tree;
	return err ? err : memory_use_add(usage, found ? &heap : NULL, o);
}

/* Reads the use of each mapping; of a kernel without CONFIG_PROC_PAGE_MONITOR
 * the sums alone. */
static struct hs_error *read_usage(struct session *s, bool beside_others,
				   struct heap_meta *o)
{
	const pid_t pid = s->id->pid;
	hs_cleanup(usage_release) struct usage usage = { 0 };
	struct hs_error *err;
	struct status status;

	err = status_read(pid, &status);
	if (err)
		return err;
	o->rss = (int64_t)status.vm_rss;
	err = usage_read(pid, true, &usage);
	if (!err && beside_others)
		err = usage_read_pss(pid, &usage);
	if (!err)
		return add_usage(s, &usage, o);
	if (hs_error_code(err) == HS_ERROR_NOMEM || !status.rss_anon)
		return err;
	hs_error_free(err);
	err = usage_read(pid, false, &usage);
	return err ? err : memory_use_add_coarse(&usage, &status, o);
}

struct hs_error *stats_read_memory(struct session *s, bool no_stats,
				   bool beside_others, struct heap_meta *o)
{
	struct hs_error *err = NULL, *unread;

	if (!no_stats)
		err = read_numbers(s, o);
	if (err)
		return err;
	limit_use_read(s->id->pid, o);
	unread = read_usage(s, beside_others, o);
	if (unread && hs_error_code(unread) == HS_ERROR_NOMEM)
		return unread;
	hs_error_free(unread);
	return NULL;
}

enum setting_kind { SETTING_BOOL, SETTING_SIGNED, SETTING_UNSIGNED };

static const struct setting_row {
	const char *name;
	enum setting_kind kind;
	size_t size; /* bytes of an integer */
} setting_rows[] = {
	{ "opt.dirty_decay_ms", SETTING_SIGNED, 8 },
	{ "opt.muzzy_decay_ms", SETTING_SIGNED, 8 },
	{ "opt.decay_time", SETTING_SIGNED, 8 },    /* 4.1 to 4.5 */
	{ "opt.lg_dirty_mult", SETTING_SIGNED, 8 }, /* up to 4.5 */
	{ "opt.retain", SETTING_BOOL, 0 },
	{ "opt.narenas", SETTING_UNSIGNED, 4 },
	{ "arenas.narenas", SETTING_UNSIGNED, 4 },
	{ "opt.tcache", SETTING_BOOL, 0 },
	{ "opt.oversize_threshold", SETTING_UNSIGNED, 8 },
};

static struct hs_error *read_setting(struct session *s,
				     const struct setting_row *row,
				     struct heap_stats *to)
{
	struct hs_error *err;
	uint64_t value = 0;
	bool on = false, found;
	char text[24];

	if (row->kind == SETTING_BOOL)
		err = mallctl_get_bool(s, row->name, &on, &found);
	else
		err = mallctl_get_number(s, row->name, row->size, &value,
					 &found);
	if (err || !found)
		return err;
	if (row->kind == SETTING_BOOL)
		snprintf(text, sizeof(text), on ? "true" : "false");
	else if (row->kind == SETTING_SIGNED)
		snprintf(text, sizeof(text), "%" PRId64, (int64_t)value);
	else
		snprintf(text, sizeof(text), "%" PRIu64, value);
	return heap_stats_add_setting(to, row->name, text);
}

static struct hs_error *read_background(struct session *s,
					struct heap_stats *to)
{
	struct hs_error *err;
	int on;

	err = mallctl_get_background(s, &on);
	if (err || on < 0)
		return err;
	return heap_stats_add_setting(to, "background_thread",
				      on ? "true" : "false");
}

static struct hs_error *no_statistics(void)
{
	struct hs_error *err;

	err = hs_error_new(HS_ERROR_UNPROFILED,
			   "its jemalloc was built without statistics");
	return hs_error_hint(err, "link one that was not configured with "
				  "--disable-stats");
}

static struct hs_error *read_details(struct session *s,
				     const struct stats_options *options,
				     struct heap_stats *stats)
{
	struct hurry hurry;
	struct hs_error *err;
	uint64_t merged;
	bool known;
	size_t i;

	hurry_begin(&hurry, s);
	err = classes_merged_index(s, &merged, &known);
	if (!err && known)
		err = classes_read(s, merged, stats);
	if (!err && options->arenas)
		err = arenas_read(s, stats);
	if (!err)
		err = read_background(s, stats);
	for (i = 0; i < ARRAY_SIZE(setting_rows) && !err; i++)
		err = read_setting(s, &setting_rows[i], stats);
	hurry_end(&hurry);
	return err;
}

/* Reads why there are no stacks, and what to do about it. */
static struct hs_error *read_profiling_off(struct session *s,
					   struct heap_stats *stats)
{
	struct hs_error *err, *why;

	err = profiling_off_why(s, stats->meta.jemalloc_version, &why);
	if (!err && why)
		err = intern_text(&stats->strings, hs_error_message(why),
				  &stats->no_stacks);
	if (!err && why)
		err = intern_text(&stats->strings, hs_error_hint_text(why),
				  &stats->profiling_off);
	hs_error_free(why);
	return err;
}

static struct hs_error *read_all(struct session *s,
				 const struct stats_options *options,
				 struct heap_stats *stats)
{
	struct heap_meta *o = &stats->meta;
	struct hs_error *err;

	err = heap_meta_set_time(o, clock_wall_us());
	if (!err)
		err = session_describe(s, o);
	if (!err)
		err = read_profiling_off(s, stats);
	if (!err)
		err = stats_read_memory(s, false, false, o);
	if (!err && o->allocated < 0)
		err = no_statistics();
	return err ? err : read_details(s, options, stats);
}

struct hs_error *stats_take(const struct identity *id,
			    const struct stats_options *options,
			    const struct deadline *d, struct heap_stats *ret)
{
	struct session session;
	struct hs_error *err;

	err = session_open(id, &options->session, d, &session);
	if (!err) {
		ret->read_us = clock_us();
		err = read_all(&session, options, ret);
		ret->read_us = clock_us() - ret->read_us;
		err = hs_error_join(err, session_close(&session,
						       &ret->meta.pause_us));
	}
	if (err) {
		err = identity_explain_end(id, preflight_explain(id, err));
		err = hs_error_wrap(err,
				    "cannot read the statistics of process %d "
				    "('%s')",
				    (int)id->pid, id->command);
	}
	return err;
}
