#include "mallctl/check_changes.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "mallctl/prof_dump.h"
#include "mallctl/values.h"
#include "proc/status.h"
#include "target/headroom.h"

enum {
	/* jemalloc takes the time by CLOCK_MONOTONIC_COARSE (src/nstime.c),
	 * which may be a tick old. */
	CLOCK_SLACK_US = 10000,
	ARENAS_MAX = 4096,
	/* As jemalloc has by default (src/background_thread.c). */
	BACKGROUND_THREADS = 4,
};

struct hs_error *check_changes_begin(const struct identity *id,
				     struct check_before *ret)
{
	struct hs_error *err;
	struct status s;

	err = status_read(id->pid, &s);
	*ret = (struct check_before){ .at_us = clock_us() };
	if (err)
		return err;
	ret->resident = s.vm_rss;
	ret->addresses = s.vm_size;
	return NULL;
}

/* --- jemalloc's arenas and their threads ----------------------------------- */

/* For each arena, whether it is there, and since when. */
struct arenas {
	int64_t *uptime_us; /* owned; -1: not there, or not known */
	size_t n;
	int64_t attached_us; /* for so long we have been attached */
};

static bool is_new(const struct arenas *arenas, size_t i)
{
	return arenas->uptime_us[i] >= 0 &&
	       arenas->uptime_us[i] <= arenas->attached_us + CLOCK_SLACK_US;
}

/* jemalloc 5.0 and later say it; else none is known. */
static struct hs_error *read_arenas(struct session *s,
				    const struct check_before *before,
				    struct arenas *ret)
{
	const uint64_t epoch = 1;
	struct hs_error *err;
	int64_t n, result;
	size_t i;

	err = mallctl_set(s, "epoch", &epoch, sizeof(epoch), NULL, &result);
	if (!err)
		err = mallctl_get_unsigned(s, &n, "arenas.narenas");
	if (err || n <= 0)
		return err;
	ret->n = n < ARENAS_MAX ? (size_t)n : ARENAS_MAX;
	ret->uptime_us = calloc(ret->n, sizeof(*ret->uptime_us));
	if (!ret->uptime_us)
		return hs_error_nomem();
	for (i = 0; i < ret->n && !err; i++) {
		err = mallctl_get_size(s, &ret->uptime_us[i],
				       "stats.arenas.%zu.uptime", i);
		if (ret->uptime_us[i] > 0)
			ret->uptime_us[i] /= 1000;
	}
	ret->attached_us = clock_us() - before->at_us;
	return err;
}

static int64_t count_new(const struct arenas *arenas)
{
	bool known = false;
	int64_t n = 0;
	size_t i;

	for (i = 0; i < arenas->n; i++) {
		known = known || arenas->uptime_us[i] >= 0;
		n += is_new(arenas, i);
	}
	return known ? n : -1;
}

/* An arena has the thread whose number is that of the arena modulo their
 * number, and a new arena starts it, if no older one has
 * (src/background_thread.c, background_thread_create_locked()). */
static int64_t count_background(const struct arenas *arenas, size_t limit)
{
	_cleanup_free_ bool *started = calloc(limit, sizeof(*started));
	int64_t n = 0;
	size_t i;

	if (!started)
		return -1;
	started[0] = true;
	for (i = 0; i < arenas->n; i++)
		if (arenas->uptime_us[i] >= 0 && !is_new(arenas, i))
			started[i % limit] = true;
	for (i = 0; i < arenas->n; i++) {
		if (!is_new(arenas, i) || started[i % limit])
			continue;
		started[i % limit] = true;
		n++;
	}
	return n;
}

static struct hs_error *count_arenas(struct session *s,
				     const struct check_before *before,
				     struct check_made *changes)
{
	struct arenas arenas = { 0 };
	struct hs_error *err;
	int64_t limit = -1, n;
	int background = -1;

	err = read_arenas(s, before, &arenas);
	if (!err)
		err = mallctl_get_background(s, &background);
	if (!err && background == 1)
		err = mallctl_get_size(s, &limit, "max_background_threads");
	if (limit <= 0 || limit > ARENAS_MAX)
		limit = BACKGROUND_THREADS;
	n = err ? -1 : count_new(&arenas);
	changes[CHANGE_ARENAS] = (struct check_made){ n, n };
	if (background == 1 && n > 0)
		n = count_background(&arenas, (size_t)limit);
	else if (background != 1)
		n = 0;
	changes[CHANGE_BACKGROUND_THREADS] = (struct check_made){ n, n };
	free(arenas.uptime_us);
	return err;
}

/* --- the rest -------------------------------------------------------------- */

struct hs_error *check_changes_count(struct session *s,
				     const struct check_before *before,
				     const char *path, struct check *check)
{
	struct check_made *changes = check->report.changes;
	bool memfd = !strncmp(path, PROF_DUMP_MEMFD, strlen(PROF_DUMP_MEMFD));
	bool helper = !s->helper.borrowed;
	/* The maps are of before. */
	bool new_stack = helper &&
			 !maps_find(&s->maps, helper_scratch(&s->helper));

	changes[CHANGE_HELPER_THREADS] = (struct check_made){ helper, 0 };
	changes[CHANGE_STACKS] = (struct check_made){ new_stack, new_stack };
	/* jemalloc's own, and the memfd's. */
	changes[CHANGE_DESCRIPTORS] =
		(struct check_made){ path[0] ? 1 + memfd : -1, 0 };
	changes[CHANGE_FILES] = (struct check_made){ path[0] ? !memfd : -1, 0 };
	check->report.changes_known = true;
	return count_arenas(s, before, changes);
}

/* The service may have grown by itself meanwhile. */
static struct check_made up_to(int64_t bound, uint64_t before, uint64_t now)
{
	int64_t grown = now > before ? (int64_t)(now - before) : 0;

	return (struct check_made){ grown > bound ? grown : bound, grown };
}

struct hs_error *check_changes_end(const struct identity *id,
				   const struct check_before *before,
				   struct check *check)
{
	struct check_made *changes = check->report.changes;
	struct hs_error *err;
	struct status s;

	if (!check->report.changes_known)
		return NULL;
	err = status_read(id->pid, &s);
	if (err)
		return err;
	changes[CHANGE_RESIDENT] =
		up_to(HEADROOM_MEMORY, before->resident, s.vm_rss);
	changes[CHANGE_ADDRESSES] =
		up_to(HEADROOM_ADDRESSES, before->addresses, s.vm_size);
	return NULL;
}
