#include "output/rows.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "heap/unbias.h"
#include "output/row_builder.h"

void rows_init(struct rows *rows, const struct heap_profile *before,
	       const struct heap_profile *after,
	       const struct rows_options *options)
{
	*rows = (struct rows){
		.before = before,
		.after = after,
		.group = options->group,
		.counts = options->counts,
	};
	if (options->columns)
		row_columns_init(rows);
}

void rows_release(struct rows *rows)
{
	free(rows->items);
	free(rows->frames);
	free(rows->stack);
	free(rows->series.times);
	free(rows->series.counts);
	free(rows->series.trends);
	free(rows->series.totals);
	row_columns_release(&rows->columns);
	intern_release(&rows->strings);
	*rows = (struct rows){ 0 };
}

bool row_changed(const struct row *row)
{
	return row->bytes != 0 || row->objects != 0 ||
	       (row->trend && row->trend->verdict != HEAP_FLAT);
}

bool row_significant(const struct row *row)
{
	if (row->trend)
		return row->trend->verdict != HEAP_FLAT &&
		       row->trend->verdict != HEAP_NOISE;
	return row_changed(row) && fabs((double)row->bytes) >= 2 * row->error;
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

/* Where a row came first in the files settles ties: reports of the same files
 * are the same. */
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
	if (rows->n)
		qsort(rows->items, rows->n, sizeof(*rows->items),
		      sort == ROWS_BY_OBJECTS ? by_objects : by_bytes);
}

/* Fills what follows from the counts of @row. */
static void finish_row(struct rows *rows, struct row *row)
{
	const int64_t was = llround(row->before.bytes);
	const int64_t is = llround(row->after.bytes);
	const int64_t old = llround(row->before.objects);
	const int64_t new = llround(row->after.objects);

	row->bytes = is - was;
	row->objects = new - old;
	row->error = heap_counts_change_error(&row->before, &row->after,
					      rows->tracked ? row->since : -1);
	sum_add(&rows->heap_before, was, old, row->before.bytes_variance);
	sum_add(&rows->heap_after, is, new, row->after.bytes_variance);
}

/* Fills what follows from the counts, takes away the rows that are not wanted
 * and adds up the rest. */
void rows_finish(struct rows *rows, const struct rows_options *options)
{
	struct row *row;
	size_t i, kept = 0;
	double variance;

	for (i = 0; i < rows->n; i++) {
		row = &rows->items[i];
		finish_row(rows, row);
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
		    !row_significant(row))
			sum_add(&rows->insignificant, row->bytes, row->objects,
				variance);
		else
			rows->items[kept++] = *row;
	}
	rows->n = kept;
	sort_rows(rows, options->sort);
}

static void count(struct row *row, bool after, struct heap_counts counts)
{
	heap_counts_add(after ? &row->after : &row->before, &counts);
	row->merged++;
}

/* @allocated is what was allocated since the start. */
static void follow(const struct rows *rows, struct row *row, bool after,
		   const struct heap_counts *allocated)
{
	if (rows->tracked)
		row->since += after ? allocated->bytes_variance
				    : -allocated->bytes_variance;
}

/* Allocations are counted in both, from one start on: prof.reset begins anew.
 * That it is one process has to be known: a fork has the same addresses. */
static bool are_followed(const struct heap_profile *before,
			 const struct heap_profile *after)
{
	struct heap_counts was = { 0 }, is = { 0 };
	size_t i;

	if (!before->allocated || !after->allocated ||
	    before->sample_period != after->sample_period ||
	    !before->meta.start_time || !after->meta.start_time ||
	    !heap_same_address_space(before, after))
		return false;
	for (i = 0; i < before->n_stacks; i++)
		heap_counts_add(&was, &before->allocated[i]);
	for (i = 0; i < after->n_stacks; i++)
		heap_counts_add(&is, &after->allocated[i]);
	return is.bytes >= was.bytes;
}

static struct hs_error *add_parts(struct row_builder *b, size_t side,
				  bool after)
{
	const struct heap_profile *p = b->frames.sides[side].profile;
	struct hs_error *err = NULL;
	struct row *row = NULL;
	size_t i;

	for (i = 0; !err && i < p->n_parts; i++) {
		err = row_builder_part(b, side, &p->parts[i], &row);
		if (err)
			break;
		count(row, after, row_part_counts(b, &p->parts[i]));
		follow(b->rows, row, after, &p->parts[i].allocated);
	}
	return err;
}

static struct row_source source(const struct heap_profile *p, size_t side,
				uint32_t index)
{
	return (struct row_source){ side, index == HEAP_NO_STACK
						  ? NULL
						  : &p->stacks[index] };
}

static struct hs_error *add_pair(struct row_builder *b,
				 const struct heap_diff *diff,
				 const struct heap_diff_stack *pair)
{
	struct row_source before = source(diff->before, 0, pair->before);
	struct row_source after = source(diff->after, 1, pair->after);
	struct row *row = NULL;
	struct hs_error *err;

	err = row_builder_stack(b, before, after, &row);
	if (err)
		return err;
	if (before.stack)
		count(row, false,
		      row_stack_counts(b, diff->before, pair->before));
	if (after.stack)
		count(row, true, row_stack_counts(b, diff->after, pair->after));
	row->merged -= before.stack && after.stack;
	if (before.stack && b->rows->tracked)
		follow(b->rows, row, false,
		       &diff->before->allocated[pair->before]);
	if (after.stack && b->rows->tracked)
		follow(b->rows, row, true,
		       &diff->after->allocated[pair->after]);
	if (before.stack)
		err = row_columns_add(b->rows, row, diff->before, pair->before);
	if (!err && after.stack)
		err = row_columns_add(b->rows, row, diff->after, pair->after);
	return err;
}

struct hs_error *rows_of_diff(const struct heap_diff *diff,
			      const struct rows_options *options,
			      struct rows *ret)
{
	const struct heap_profile *profiles[] = { diff->before, diff->after };
	hs_cleanup(row_builder_release) struct row_builder b = { 0 };
	struct hs_error *err;
	size_t i;

	rows_init(ret, diff->before, diff->after, options);
	ret->tracked = are_followed(diff->before, diff->after);
	err = row_builder_init(&b, ret, options, profiles, 2);
	if (!err && options->group == ROWS_THREADS) {
		err = add_parts(&b, 0, false);
		if (!err)
			err = add_parts(&b, 1, true);
	} else {
		for (i = 0; !err && i < diff->n_stacks; i++)
			err = add_pair(&b, diff, &diff->stacks[i]);
	}
	if (err)
		rows_release(ret);
	else
		rows_finish(ret, options);
	return err;
}

static struct hs_error *add_stacks(struct row_builder *b,
				   const struct heap_profile *p)
{
	const struct row_source none = { 0, NULL };
	struct hs_error *err = NULL;
	struct row *row = NULL;
	uint32_t i;

	for (i = 0; !err && i < p->n_stacks; i++) {
		err = row_builder_stack(b, none, source(p, 0, i), &row);
		if (!err)
			count(row, true, row_stack_counts(b, p, i));
		if (!err)
			err = row_columns_add(b->rows, row, p, i);
	}
	return err;
}

struct hs_error *rows_of_profile(const struct heap_profile *profile,
				 const struct rows_options *options,
				 struct rows *ret)
{
	hs_cleanup(row_builder_release) struct row_builder b = { 0 };
	struct hs_error *err;

	rows_init(ret, NULL, profile, options);
	err = row_builder_init(&b, ret, options, &profile, 1);
	if (!err)
		err = options->group == ROWS_THREADS ? add_parts(&b, 0, true)
						     : add_stacks(&b, profile);
	if (err)
		rows_release(ret);
	else
		rows_finish(ret, options);
	return err;
}
