#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "heap/unbias.h"
#include "output/row_builder.h"
#include "output/row_recipes.h"

/* Seconds since the first; the index of the snapshot where the times are not
 * known or do not ascend. */
static void find_times(struct rows_series *s)
{
	int64_t first = s->profiles[0]->meta.taken_at_us, last = first - 1;
	size_t i;

	s->timed = first >= 0;
	for (i = 0; i < s->n; i++) {
		const int64_t us = s->profiles[i]->meta.taken_at_us;

		s->timed &= us > last;
		last = us;
		s->times[i] = (double)(us - first) / 1e6;
	}
	for (i = 0; !s->timed && i < s->n; i++)
		s->times[i] = (double)i;
}

static struct hs_error *series_init(struct rows_series *s,
				    const struct heap_profile *const *profiles,
				    size_t n)
{
	s->n = n;
	s->profiles = profiles;
	s->times = calloc(n, sizeof(*s->times));
	s->totals = calloc(n, sizeof(*s->totals));
	if (!s->times || !s->totals)
		return hs_error_nomem();
	find_times(s);
	return NULL;
}

/* The ends of a trend are its before and after. */
static bool is_end(const struct rows *rows, size_t k)
{
	return k == 0 || k == rows->series.n - 1;
}

static struct hs_error *add_profile(struct row_builder *b, size_t k)
{
	const struct heap_profile *p = b->frames.sides[k].profile;
	const struct row_source none = { k, NULL };
	struct hs_error *err = NULL;
	struct row *row = NULL;
	size_t i;

	if (b->options->group == ROWS_THREADS) {
		for (i = 0; !err && i < p->n_parts; i++) {
			err = row_builder_part(b, k, &p->parts[i], &row);
			if (!err)
				row_count(b->rows, row, k,
					  row_part_counts(b, &p->parts[i]));
		}
		return err;
	}
	for (i = 0; !err && i < p->n_stacks; i++) {
		const struct row_source source = { k, &p->stacks[i] };

		err = row_builder_stack(b, none, source, &row);
		if (!err)
			row_count(b->rows, row, k, row_stack_counts(b, p, i));
		if (!err && is_end(b->rows, k) && b->rows->tracked)
			row_follow(b->rows, row, k != 0, &p->allocated[i]);
		if (!err && k + 1 == b->rows->n_points)
			err = row_age(b->rows, row, p, (uint32_t)i);
		if (!err && is_end(b->rows, k))
			err = row_columns_add(&b->rows->columns, row->number, p,
					      (uint32_t)i, k != 0);
	}
	return err;
}

static struct hs_error *find_trends(struct rows *rows,
				    const struct heap_changes *changes)
{
	struct rows_series *s = &rows->series;
	struct row *row;
	size_t i, k;

	s->trends = calloc(rows->n + 1, sizeof(*s->trends));
	if (!s->trends)
		return hs_error_nomem();
	for (i = 0; i < rows->n; i++) {
		row = &rows->items[i];
		s->trends[row->number] =
			heap_trend_of_stack(s->times, row_point(rows, row, 0),
					    s->n, &changes->stacks[i], rows->n);
		row->moves = row_trend(rows, row)->verdict != HEAP_FLAT;
		row->moves_on = row->moves &&
				row_trend(rows, row)->verdict != HEAP_NOISE;
		for (k = 0; k < s->n && row->visibility == ROW_VISIBLE; k++)
			heap_counts_add(&s->totals[k], row_point(rows, row, k));
	}
	return NULL;
}

/* By the same change as the net of the rows. */
static void find_total_trend(struct rows *rows)
{
	struct rows_series *s = &rows->series;
	const double error = sqrt(rows->net.variance);
	const double bytes = (double)rows->net.bytes;
	const struct heap_change change = {
		.bytes = bytes,
		.error = error,
		.significant = fabs(bytes) > 2 * error,
	};

	s->total = heap_trend_of_stack(s->times, s->totals, s->n, &change, 1);
}

/* What is needed to make the rows is gone before they are sorted and written. */
static struct hs_error *make_rows(const struct heap_profile *const *profiles,
				  size_t n, const struct rows_options *options,
				  struct rows *ret,
				  struct heap_changes *changes)
{
	hs_cleanup(row_builder_release) struct row_builder b = { 0 };
	struct hs_error *err;
	size_t k;

	ret->n_points = n;
	ret->tracked = options->group != ROWS_THREADS &&
		       rows_are_followed(profiles[0], profiles[n - 1]);
	err = rows_set_interval(ret, profiles, n);
	if (!err)
		err = series_init(&ret->series, profiles, n);
	if (!err)
		err = row_builder_init(&b, ret, options, profiles, n);
	if (!err)
		err = row_builder_reserve(&b);
	for (k = 0; !err && k < n; k++)
		err = add_profile(&b, k);
	if (!err)
		row_builder_finish(&b);
	if (!err)
		err = row_builder_estimate(&b, profiles, changes);
	return err ? err : find_trends(ret, changes);
}

static struct hs_error *
rows_of_series(const struct heap_profile *const *profiles, size_t n, bool inner,
	       const struct rows_options *options, struct rows *ret)
{
	hs_cleanup(heap_changes_release) struct heap_changes changes = { 0 };
	struct hs_error *err;

	rows_init(ret, profiles[0], profiles[n - 1], options);
	ret->series.inner = inner;
	err = make_rows(profiles, n, options, ret, &changes);
	if (err) {
		rows_release(ret);
		return err;
	}
	rows_finish(ret, &changes, options);
	find_total_trend(ret);
	return NULL;
}

struct hs_error *rows_of_trend(const struct heap_profile *const *profiles,
			       size_t n, const struct rows_options *options,
			       struct rows *ret)
{
	return rows_of_series(profiles, n, false, options, ret);
}

struct hs_error *rows_of_interval(const struct heap_profile *const *profiles,
				  size_t n, const struct rows_options *options,
				  struct rows *ret)
{
	return rows_of_series(profiles, n, true, options, ret);
}
