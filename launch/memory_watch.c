#include "launch/memory_watch.h"

#include "base/array.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "heap/profile.h"
#include "proc/children.h"
#include "proc/status.h"
#include "target/limit_use.h"

enum { LOOK_US = 500000, NEVER_US = 1000000000, PART = 4 };

static int64_t resident(pid_t pid)
{
	struct hs_error *err;
	struct status st;

	err = status_read(pid, &st);
	hs_error_free(err); /* it has ended */
	return err ? 0 : (int64_t)st.vm_rss;
}

static int64_t resident_together(pid_t pid)
{
	struct pid_list list = { 0 };
	struct hs_error *err = children_read(pid, &list);
	int64_t bytes = resident(pid);
	size_t i;

	for (i = 0; i < list.n; i++)
		bytes += resident(list.pids[i]);
	hs_error_free(err);
	pid_list_release(&list);
	return bytes;
}

/* What is left to take; *of: a word for whose. INT64_MAX: not known. */
static int64_t read_free(pid_t pid, const char **of)
{
	static const struct {
		enum heap_limit_kind kind;
		const char *of;
	} limits[] = {
		{ HEAP_LIMIT_MACHINE, "the machine" },
		{ HEAP_LIMIT_GROUP_MAX, "its control group" },
		{ HEAP_LIMIT_GROUP_HIGH, "its control group" },
	};
	int64_t least = INT64_MAX, left;
	struct heap_meta meta;
	size_t i;

	heap_meta_init(&meta);
	limit_use_read(pid, &meta);
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		const struct heap_limit *limit = &meta.limits[limits[i].kind];

		left = limit->bytes - limit->used;
		if (limit->bytes <= 0 || limit->used < 0 || left >= least)
			continue;
		least = left > 0 ? left : 0;
		*of = limits[i].of;
	}
	heap_meta_release(&meta);
	return least;
}

static void give_warning(const struct memory_watch *w, int64_t bytes,
			 const char *of)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	units_add_bytes(&sb, bytes, false, UNITS_IEC);
	monitor_warn(
		&w->monitor,
		hs_error_hint(hs_error_new(HS_ERROR_SYSTEM,
					   "the command has %s, more than a "
					   "quarter of what %s has for it",
					   strbuf_str(&sb), of),
			      "most of that may be for recording each "
			      "allocation: '--sample 512K' costs next to "
			      "nothing"));
}

int64_t memory_watch_tick(struct memory_watch *w)
{
	const char *of = "";
	int64_t bytes, left;

	if (w->over)
		return NEVER_US;
	bytes = resident_together(w->pid);
	left = read_free(w->pid, &of);
	if (left == INT64_MAX || bytes <= (bytes + left) / PART)
		return LOOK_US;
	w->over = true;
	give_warning(w, bytes, of);
	return NEVER_US;
}
