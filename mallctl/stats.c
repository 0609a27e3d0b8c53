#include "mallctl/stats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attach/sched_boost.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "attach/preflight.h"
#include "mallctl/profiling_off.h"
#include "mallctl/classes.h"
#include "proc/status.h"

void stats_memory_init(struct stats_memory *m)
{
	*m = (struct stats_memory){
		.ledger = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 },
	};
}

void stats_memory_release(struct stats_memory *m)
{
	memory_release(&m->memory);
	usage_release(&m->usage);
	stats_memory_init(m);
}

/* Values are read by the hundred, each by a call of microseconds: where all
 * CPUs are busy it is the turns that the guest and we have to wait for that
 * take long. A thread that was borrowed is not the guest. */
struct hurry {
	struct boost ours, guests;
};

static void hurry_begin(struct hurry *hurry, const struct session *s)
{
	*hurry = (struct hurry){ 0 };
	if (s->guest.borrowed)
		return;
	boost_begin(&hurry->ours);
	boost_begin_guest(&hurry->guests, helper_tid(&s->guest));
}

static void hurry_end(struct hurry *hurry)
{
	boost_end(&hurry->guests);
	boost_end(&hurry->ours);
}

static struct hs_error *refresh(struct session *s)
{
	/* Statistics are as of the last time this was written. */
	const uint64_t epoch = 1;
	int64_t result;

	return mallctl_set(s, "epoch", &epoch, sizeof(epoch), NULL, &result);
}

static struct hs_error *get_size(struct session *s, const char *name,
				 int64_t *ret)
{
	struct hs_error *err;
	uint64_t value = 0;
	bool found;

	err = mallctl_get(s, name, &value, sizeof(value), &found);
	*ret = err || !found ? -1 : (int64_t)value;
	return err;
}

static struct hs_error *read_totals(struct session *s,
				    struct stats_ledger *ledger)
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
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++)
		err = get_size(s, rows[i].name, rows[i].value);
	return err;
}

/* Of all arenas together. */
static struct hs_error *read_merged(struct session *s,
				    struct stats_ledger *ledger)
{
	const struct {
		const char *name;
		int64_t *value;
		bool pages;
	} rows[] = {
		{ "pdirty", &ledger->dirty, true },
		{ "pmuzzy", &ledger->muzzy, true },
		{ "tcache_bytes", &ledger->tcache, false },
	};
	struct hs_error *err;
	uint64_t merged;
	int64_t page = 0;
	char name[64];
	bool known;
	size_t i;

	err = classes_merged_index(s, &merged, &known);
	if (err || !known)
		return err;
	err = get_size(s, "arenas.page", &page);
	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++) {
		snprintf(name, sizeof(name), "stats.arenas.%" PRIu64 ".%s",
			 merged, rows[i].name);
		err = get_size(s, name, rows[i].value);
		if (rows[i].pages && *rows[i].value > 0)
			*rows[i].value *= page;
	}
	/* Since 5.0 what is mapped and what is retained is all that it holds
	 * (src/arena.c, src/base.c); before, cached chunks were in neither. */
	if (merged >= 4096 && ledger->mapped >= 0 && ledger->retained >= 0)
		ledger->owned = ledger->mapped + ledger->retained;
	return err;
}

static struct hs_error *read_numbers(struct session *s,
				     struct stats_ledger *ledger)
{
	struct hs_error *err = refresh(s);
	struct hurry hurry;

	if (err)
		return err;
	hurry_begin(&hurry, s);
	err = read_totals(s, ledger);
	if (!err)
		err = read_merged(s, ledger);
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

/* Of each mapping; where the kernel does not tell (CONFIG_PROC_PAGE_MONITOR),
 * in sums alone. */
static struct hs_error *read_kernel(struct session *s, struct stats_memory *m)
{
	struct hs_error *err;
	struct status status;

	err = status_read(s->id->pid, &status);
	if (err)
		return err;
	m->ledger.rss = (int64_t)status.vm_rss;
	err = usage_read(s->id->pid, true, &m->usage);
	if (!err) {
		m->ledger.rss = total_rss(&m->usage.smaps);
		return memory_make(&m->usage, m->ledger.owned, &m->memory);
	}
	if (hs_error_code(err) == HS_ERROR_NOMEM || !status.rss_anon)
		return err;
	hs_error_free(err);
	err = usage_read(s->id->pid, false, &m->usage);
	if (err)
		return err;
	return memory_make_coarse(&m->usage, &status, &m->memory);
}

struct hs_error *stats_memory_read(struct session *s, bool no_stats,
				   struct stats_memory *m)
{
	struct hs_error *err = NULL, *unread;

	if (!no_stats)
		err = read_numbers(s, &m->ledger);
	if (err)
		return err;
	unread = read_kernel(s, m);
	if (unread && hs_error_code(unread) == HS_ERROR_NOMEM)
		return unread;
	hs_error_free(unread);
	return err;
}

enum setting_kind { SETTING_BOOL, SETTING_SIGNED, SETTING_UNSIGNED };

static const struct setting_row {
	const char *name;
	enum setting_kind kind;
	size_t size; /* bytes of an integer */
} setting_rows[] = {
	{ "background_thread", SETTING_BOOL, 0 },
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

_Static_assert(ARRAY_SIZE(setting_rows) <= STATS_SETTINGS,
	       "there is room for all settings");

static struct hs_error *read_setting(struct session *s,
				     const struct setting_row *row,
				     struct stats *stats)
{
	struct stats_setting *to = &stats->settings[stats->n_settings];
	struct hs_error *err;
	uint64_t value = 0;
	bool on = false, found;

	if (row->kind == SETTING_BOOL)
		err = mallctl_get(s, row->name, &on, sizeof(on), &found);
	else
		err = mallctl_get(s, row->name, &value, row->size, &found);
	if (err && row->size < sizeof(value) &&
	    hs_error_errno(err) == EINVAL) { /* of jemalloc 3 */
		hs_error_free(err);
		err = mallctl_get(s, row->name, &value, sizeof(value), &found);
	}
	if (err || !found)
		return err;
	to->name = row->name;
	stats->n_settings++;
	if (row->kind == SETTING_BOOL)
		snprintf(to->value, sizeof(to->value), on ? "true" : "false");
	else if (row->kind == SETTING_SIGNED)
		snprintf(to->value, sizeof(to->value), "%" PRId64,
			 (int64_t)value);
	else
		snprintf(to->value, sizeof(to->value), "%" PRIu64, value);
	return NULL;
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
				     struct stats *stats)
{
	struct hurry hurry;
	struct hs_error *err;
	uint64_t merged;
	bool known;
	size_t i;

	hurry_begin(&hurry, s);
	err = classes_merged_index(s, &merged, &known);
	if (!err && known)
		err = classes_read(s, merged, &stats->classes);
	if (!err && options->arenas)
		err = arenas_read(s, &stats->arenas);
	for (i = 0; i < ARRAY_SIZE(setting_rows) && !err; i++)
		err = read_setting(s, &setting_rows[i], stats);
	hurry_end(&hurry);
	return err;
}

static struct hs_error *read_all(struct session *s,
				 const struct stats_options *options,
				 struct stats *stats)
{
	struct hs_error *err;

	err = mallctl_get_string(s, "version", &stats->jemalloc_version);
	if (!err)
		err = advice_profiling(s, stats->jemalloc_version,
				       &stats->no_profile);
	if (!err)
		err = stats_memory_read(s, false, &stats->memory);
	if (!err && stats->memory.ledger.allocated < 0)
		err = no_statistics();
	return err ? err : read_details(s, options, stats);
}

static int64_t wall_clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct hs_error *stats_take(const struct identity *id,
			    const struct stats_options *options,
			    const struct deadline *d, struct stats *ret)
{
	struct session session;
	struct hs_error *err;

	*ret = (struct stats){ 0 };
	stats_memory_init(&ret->memory);
	err = session_open(id, &options->session, d, &session);
	if (!err) {
		ret->borrowed = session.guest.borrowed;
		ret->host_tid = session.guest.host_tid;
		ret->taken_at_us = wall_clock_us();
		ret->read_us = clock_us();
		err = read_all(&session, options, ret);
		ret->read_us = clock_us() - ret->read_us;
		err = hs_error_join(err,
				    session_close(&session, &ret->pause_us));
	}
	if (err) {
		stats_release(ret);
		err = identity_explain_end(id, refuse_explain(id, err));
		err = hs_error_wrap(err,
				    "cannot read the statistics of process %d "
				    "('%s')",
				    (int)id->pid, id->command);
	}
	return err;
}

void stats_release(struct stats *stats)
{
	free(stats->jemalloc_version);
	hs_error_free(stats->no_profile);
	stats_memory_release(&stats->memory);
	free(stats->classes.items);
	free(stats->arenas.items);
	*stats = (struct stats){ 0 };
	stats_memory_init(&stats->memory);
}
