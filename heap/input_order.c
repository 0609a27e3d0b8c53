#include "heap/input_order.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "heap/dump_name.h"

enum {
	/* Files that were copied or unpacked together. */
	SAME_TIME_S = 2,
	SHOWN_PROCESSES = 3,
};

struct input {
	const struct heap_profile *profile; /* borrowed */
	struct dump_name name;
	bool named;    /* name is known */
	int64_t time;  /* microseconds since the epoch; -1: not known */
	int64_t mtime; /* seconds; -1: not known */
};

static struct input input_of(const struct heap_profile *p)
{
	const char *path = p->meta.file ? p->meta.file : "-";
	struct input input = {
		.profile = p,
		.time = p->meta.taken_at_us,
		.mtime = p->meta.inode ? p->meta.mtime : -1,
	};

	input.named = dump_name_parse(path, &input.name);
	return input;
}

static bool all_timed(const struct input *list, size_t n)
{
	while (n && list[n - 1].time >= 0)
		n--;
	return !n;
}

static bool all_named(const struct input *list, size_t n)
{
	while (n && list[n - 1].named)
		n--;
	return !n;
}

static int by_time(const void *a, const void *b)
{
	const struct input *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->profile < y->profile ? -1 : x->profile > y->profile;
}

static int by_sequence(const void *a, const void *b)
{
	const struct input *x = a, *y = b;

	if (x->name.sequence != y->name.sequence)
		return x->name.sequence < y->name.sequence ? -1 : 1;
	return x->profile < y->profile ? -1 : x->profile > y->profile;
}

/* Snapshots know their process, dumps by their names only. */
static bool same_process(const struct input *a, const struct input *b)
{
	const struct heap_meta *x = &a->profile->meta, *y = &b->profile->meta;

	if (x->pid >= 0 && y->pid >= 0)
		return x->pid == y->pid && x->start_time == y->start_time;
	if (a->named && b->named)
		return dump_name_same_process(&a->name, &b->name);
	return true;
}

/* How many of @list[0..n) are of the process of @list[i]; 0 when one before it
 * is, too. */
static size_t count_process(const struct input *list, size_t n, size_t i)
{
	size_t k, count = 0;

	for (k = 0; k < n; k++) {
		if (!same_process(&list[i], &list[k]))
			continue;
		if (k < i)
			return 0;
		count++;
	}
	return count;
}

static size_t count_processes(const struct input *list, size_t n)
{
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		count += count_process(list, n, i) > 0;
	return count;
}

/* As they are one behind the other, @list[0..n) changes the process so often. */
static size_t count_changes(const struct input *list, size_t n)
{
	size_t i, changes = 0;

	for (i = 1; i < n; i++)
		changes += !same_process(&list[i - 1], &list[i]);
	return changes;
}

static void add_process(struct strbuf *sb, const struct input *input)
{
	const struct heap_meta *meta = &input->profile->meta;

	if (meta->pid >= 0)
		strbuf_addf(sb, "process %lld", (long long)meta->pid);
	else
		strbuf_addf(sb, "'%.*s'", (int)input->name.end,
			    input->name.path);
}

static struct hs_error *several_processes(const struct input *list, size_t n)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	const size_t all = count_processes(list, n);
	size_t i, count, shown = 0;
	struct hs_error *err;

	for (i = 0; i < n && shown < SHOWN_PROCESSES; i++) {
		count = count_process(list, n, i);
		if (!count)
			continue;
		strbuf_adds(&sb, shown++ ? ", " : "");
		strbuf_addf(&sb, "%zu of ", count);
		add_process(&sb, &list[i]);
	}
	if (shown < all)
		strbuf_adds(&sb, ", ...");
	err = strbuf_check(&sb);
	if (err)
		return err;
	err = hs_error_new(HS_ERROR_USAGE,
			   "these are dumps of %zu processes (%s): a trend is "
			   "that of one",
			   all, strbuf_str(&sb));
	if (!list[0].named)
		return hs_error_hint(err,
				     "give those of one process; 'heapsnap "
				     "merge' adds up one dump of each");
	return hs_error_hint(err,
			     "heapsnap diff %.*s.*; 'heapsnap merge' adds up "
			     "one dump of each",
			     (int)list[0].name.end, list[0].name.path);
}

/* Numbers that come twice: two processes of one name, in two folders. */
static struct hs_error *check_sequence(const struct input *list, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (list[i - 1].name.sequence == list[i].name.sequence)
			return hs_error_new(
				HS_ERROR_USAGE,
				"'%s' and '%s' have the same number, so they "
				"are not of one process: a trend is that of "
				"one",
				list[i - 1].name.path, list[i].name.path);
	return NULL;
}

static struct hs_error *sort_by_time(struct input *list, size_t n,
				     const struct monitor *monitor)
{
	size_t processes;

	qsort(list, n, sizeof(*list), by_time);
	processes = count_processes(list, n);
	if (processes == 1)
		return NULL;
	if (count_changes(list, n) >= processes)
		return several_processes(list, n);
	monitor_note(monitor,
		     "these are snapshots of %zu processes, one after the "
		     "other: where one ends what it had is gone",
		     processes);
	return NULL;
}

static struct hs_error *sort_by_name(struct input *list, size_t n,
				     const struct monitor *monitor)
{
	struct hs_error *err;
	bool moved = false;
	size_t i;

	if (count_changes(list, n))
		return several_processes(list, n);
	for (i = 1; i < n && !moved; i++)
		moved = by_sequence(&list[i - 1], &list[i]) > 0;
	qsort(list, n, sizeof(*list), by_sequence);
	err = check_sequence(list, n);
	if (!err && moved)
		monitor_note(monitor,
			     "the dumps are compared in the order of the "
			     "numbers in their names, from '%s' to '%s'",
			     list[0].name.path, list[n - 1].name.path);
	return err;
}

/* The next one was written before, as far as anything tells it. */
static bool is_backwards(const struct input *a, const struct input *b)
{
	if (a->time >= 0 && b->time >= 0)
		return false; /* the report says so */
	if (a->named && b->named && same_process(a, b))
		return a->name.sequence > b->name.sequence;
	return a->mtime >= 0 && b->mtime >= 0 &&
	       a->mtime > b->mtime + SAME_TIME_S;
}

static void warn_of_order(const struct input *list, size_t n,
			  const struct monitor *monitor)
{
	struct hs_error *err;
	size_t i;

	for (i = 1; i < n && !is_backwards(&list[i - 1], &list[i]); i++)
		;
	if (i >= n)
		return;
	err = hs_error_new(HS_ERROR_INPUT,
			   "'%s' was written before '%s', which is given "
			   "before it: what grows from one to the other went "
			   "away",
			   list[i].profile->meta.file,
			   list[i - 1].profile->meta.file);
	monitor_warn(monitor,
		     hs_error_hint(err, "give them in the order in which they "
					"were written: ls -tr lists them so"));
}

struct hs_error *heap_inputs_order(struct heap_inputs *inputs,
				   const struct monitor *monitor)
{
	const size_t n = inputs->n;
	_cleanup_free_ struct input *list = calloc(n, sizeof(*list));
	struct hs_error *err = NULL;
	size_t i;

	if (!list)
		return hs_error_nomem();
	for (i = 0; i < n; i++)
		list[i] = input_of(inputs->order[i]);
	if (n > 2 && all_timed(list, n))
		err = sort_by_time(list, n, monitor);
	else if (n > 2 && all_named(list, n))
		err = sort_by_name(list, n, monitor);
	else
		warn_of_order(list, n, monitor);
	for (i = 0; i < n; i++)
		inputs->order[i] = list[i].profile;
	return err;
}
