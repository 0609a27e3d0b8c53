#include "output/rows.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/sort.h"

void rows_init(struct rows *rows, const struct heap_profile *before,
	       const struct heap_profile *after,
	       const struct rows_options *options)
{
	*rows = (struct rows){
		.before = before,
		.after = after,
		.n_points = before ? 2 : 0,
		.group = options->group,
		.counts = options->counts,
		.left.kind = HEAP_LIMITS,
	};
	rows->n_hints = heap_hints(after, rows->hints);
	if (options->columns)
		row_columns_init(&rows->columns, before, after,
				 options->counts == ROWS_INUSE);
}

void rows_release(struct rows *rows)
{
	size_t i;

	free(rows->items);
	free(rows->points);
	free(rows->since);
	free(rows->frames);
	for (i = 0; i < rows->n_looks; i++)
		free(rows->looks[i]);
	free(rows->looks);
	free(rows->stack);
	free(rows->series.times);
	free(rows->series.trends);
	free(rows->series.totals);
	free(rows->inherited);
	row_ages_release(&rows->ages);
	row_columns_release(&rows->columns);
	intern_release(&rows->strings);
	*rows = (struct rows){ 0 };
}

bool row_changed(const struct row *row)
{
	return row->bytes != 0 || row->objects != 0 || row->moves;
}

bool row_significant(const struct row *row)
{
	return row_changed(row) && row->chance <= HEAP_CHANGE_CHANCE;
}

bool row_is_noise(const struct row *row)
{
	return !row_significant(row) && !row->moves_on;
}

bool rows_net_grew(const struct rows *rows)
{
	if (rows->net.bytes <= 0)
		return false;
	if (rows_is_trend(rows))
		return rows->series.total.verdict != HEAP_FLAT &&
		       rows->series.total.verdict != HEAP_NOISE;
	return (double)rows->net.bytes >= 2 * sqrt(rows->net.variance);
}

bool rows_count_objects(const struct rows *rows)
{
	size_t i;

	for (i = 0; i < rows->series.n; i++)
		if (rows->series.profiles[i]->no_objects)
			return false;
	return !rows->after->no_objects &&
	       (!rows->before || !rows->before->no_objects);
}

const char *rows_noun(const struct rows *rows)
{
	static const char *const nouns[] = {
		[ROWS_STACKS] = "stack",   [ROWS_FUNCTIONS] = "function",
		[ROWS_LINES] = "line",	   [ROWS_FILES] = "file",
		[ROWS_MODULES] = "module", [ROWS_THREADS] = "thread",
	};

	return nouns[rows->group];
}

size_t rows_place(const struct rows *rows, size_t first, size_t end)
{
	size_t i;

	for (i = first; i < end; i++)
		if (!rows->frames[rows->stack[i]].look->library)
			return i;
	return first;
}

int64_t rows_elapsed(const struct rows *rows)
{
	const struct heap_meta *a, *b = &rows->after->meta;

	if (!rows->before)
		return -1;
	a = &rows->before->meta;
	if (a->taken_at_us < 0 || b->taken_at_us < a->taken_at_us)
		return -1;
	return b->taken_at_us - a->taken_at_us;
}

static void sum_add(struct rows_sum *sum, int64_t bytes, int64_t objects,
		    double variance)
{
	sum->bytes += bytes;
	sum->objects += objects;
	sum->variance += variance;
	sum->rows++;
}

static int compare(int64_t a, int64_t b)
{
	return a > b ? -1 : a < b;
}

/* The order in the files breaks ties, so that reports of the same files are the
 * same. */
static int by_bytes(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	int c = compare(a->bytes, b->bytes);

	if (!c)
		c = compare(a->objects, b->objects);
	return c ? c : compare(b->first, a->first);
}

static int by_objects(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	int c = compare(a->objects, b->objects);

	if (!c)
		c = compare(a->bytes, b->bytes);
	return c ? c : compare(b->first, a->first);
}

static void sort_rows(struct rows *rows, enum rows_sort sort)
{
	sort_if_needed(rows->items, rows->n, sizeof(*rows->items),
		       sort == ROWS_BY_OBJECTS ? by_objects : by_bytes);
}

/* By how many bytes or objects the counters have moved a change; so what is
 * not moved remains the difference of two whole numbers. */
static int64_t moved(double estimate, double before, double after)
{
	return llround(estimate - (after - before));
}

/* Computes the numbers that follow from the counts of @row; @change: NULL in a
 * report of one snapshot. */
static void finish_row(struct rows *rows, struct row *row,
		       const struct heap_change *change)
{
	const struct heap_counts before = row_before(rows, row);
	const struct heap_counts after = rows->before ? *row_after(rows, row)
						      : row->counts;
	const struct heap_counts *a = &before, *b = &after;
	const int64_t was = llround(a->bytes), is = llround(b->bytes);
	const int64_t old = llround(a->objects), new = llround(b->objects);

	row->bytes = is - was;
	row->objects = new - old;
	row->error = sqrt(b->bytes_variance);
	row->chance = 1;
	if (change) {
		row->bytes += moved(change->bytes, a->bytes, b->bytes);
		row->objects += moved(change->objects, a->objects, b->objects);
		row->error = change->error;
		row->chance = change->p;
	}
	if (!rows_count_objects(rows))
		row->objects = 0;
	if (row->unsampled)
		return;
	sum_add(&rows->heap_before, was, old, a->bytes_variance);
	sum_add(&rows->heap_after, is, new, b->bytes_variance);
}

static bool counts_all_live(const struct rows *rows)
{
	return rows->counts == ROWS_INUSE && rows->group != ROWS_THREADS &&
	       rows->before->kind == HEAP_LIVE &&
	       rows->after->kind == HEAP_LIVE;
}

struct hs_error *rows_estimate(struct rows *rows, struct heap_change_input *in,
			       struct heap_changes *ret)
{
	struct hs_error *err;

	in->counts = rows->points;
	in->n_stacks = rows->n;
	in->live = counts_all_live(rows);
	in->since = rows->since;
	err = heap_changes_estimate(in, ret);
	if (err)
		return err;
	rows->live = ret->live;
	rows->unsampled = llround(heap_changes_rest(ret)->bytes);
	rows->seconds_until_sure = ret->seconds_until_sure;
	return NULL;
}

/* Of all stacks together jemalloc's counters may be surer, up to their slack,
 * which is two deviations, and to what they disagree by. */
static void narrow_net(struct rows *rows)
{
	double error;

	if (!rows->live.known || rows->n_unfocused || rows->suppressed.rows)
		return;
	error = rows->live.slack / 2 +
		fabs(rows->live.bytes - (double)rows->net.bytes);
	rows->net.variance = fmin(rows->net.variance, error * error);
}

void rows_finish(struct rows *rows, const struct heap_changes *changes,
		 const struct rows_options *options)
{
	struct row *row;
	size_t i, n_visible = 0;
	double variance;

	for (i = 0; i < rows->n; i++) {
		row = &rows->items[i];
		finish_row(rows, row, changes ? &changes->stacks[i] : NULL);
		variance = row->error * row->error;
		if (row->visibility == ROW_SUPPRESSED)
			sum_add(&rows->suppressed, row->bytes, row->objects,
				variance);
		rows->n_unfocused += row->visibility == ROW_UNFOCUSED;
		if (row->visibility != ROW_VISIBLE)
			continue;
		sum_add(&rows->net, row->bytes, row->objects, variance);
		if (row->bytes > 0)
			sum_add(&rows->grown, row->bytes, row->objects,
				variance);
		if (row->bytes < 0)
			sum_add(&rows->shrunk, row->bytes, row->objects,
				variance);
		if (options->significant && row_changed(row) &&
		    row_is_noise(row))
			sum_add(&rows->insignificant, row->bytes, row->objects,
				variance);
		else
			rows->items[n_visible++] = *row;
	}
	rows->n = n_visible;
	narrow_net(rows);
	sort_rows(rows, options->sort);
}

struct hs_error *rows_set_interval(struct rows *rows,
				   const struct heap_profile *const *profiles,
				   size_t n)
{
	rows->left = heap_time_left(profiles, n);
	rows->live_fell = heap_live_fell(profiles, n);
	return rows->left.failed ? hs_error_nomem() : NULL;
}
