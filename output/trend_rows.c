#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "heap/unbias.h"
#include "output/row_builder.h"
#include "output/row_recipes.h"
#include "output/row_tracking.h"

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

/* Adds to point @k of @row, and to its ends. @allocated: NULL when it is not
 * counted. */
static struct hs_error *add_counts(struct rows *rows, struct row *row, size_t k,
				   struct heap_counts counts,
				   const struct heap_counts *allocated)
{
	struct rows_series *s = &rows->series;
	const size_t had = s->cap;
	size_t i;

	if (!ARRAY_GROW(s->counts, s->cap, (row->number + 1) * s->n))
		return hs_error_nomem();
	for (i = had; i < s->cap; i++)
		s->counts[i] = (struct heap_counts){ 0 };
	heap_counts_add(&s->counts[row->number * s->n + k], &counts);
	if (k == 0)
		heap_counts_add(&row->before, &counts);
	if (k == s->n - 1)
		heap_counts_add(&row->after, &counts);
	if (allocated && (k == 0 || k == s->n - 1))
		row_track(rows, row, k != 0, allocated);
	row->merged++;
	if (row->visibility == ROW_VISIBLE)
		heap_counts_add(&s->totals[k], &counts);
	return NULL;
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
				err = add_counts(b->rows, row, k,
						 row_part_counts(b,
								 &p->parts[i]),
						 &p->parts[i].allocated);
		}
		return err;
	}
	for (i = 0; !err && i < p->n_stacks; i++) {
		const struct row_source source = { k, &p->stacks[i] };

		err = row_builder_stack(b, none, source, &row);
		if (!err)
			err = add_counts(
				b->rows, row, k, row_stack_counts(b, p, i),
				p->allocated ? &p->allocated[i] : NULL);
		/* The ends of a trend are its before and after. */
		if (!err && (k == 0 || k == b->rows->series.n - 1))
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
	size_t i;

	s->trends = calloc(rows->n + 1, sizeof(*s->trends));
	if (!s->trends)
		return hs_error_nomem();
	for (i = 0; i < rows->n; i++) {
		row = &rows->items[i];
		s->trends[row->number] = heap_trend_of_stack(
			s->times, &s->counts[row->number * s->n], s->n,
			&changes->stacks[i], rows->n);
		row->trend = &s->trends[row->number];
	}
	s->total = heap_trend_of(s->times, s->totals, s->n);
	return NULL;
}

static struct hs_error *make_rows(const struct heap_profile *const *profiles,
				  size_t n, const struct rows_options *options,
				  struct rows *ret)
{
	hs_cleanup(row_builder_release) struct row_builder b = { 0 };
	hs_cleanup(heap_changes_release) struct heap_changes changes = { 0 };
	struct hs_error *err;
	size_t k;

	rows_init(ret, profiles[0], profiles[n - 1], options);
	rows_set_interval(ret, profiles, n);
	ret->tracked = row_tracking_possible(profiles[0], profiles[n - 1]);
	err = series_init(&ret->series, profiles, n);
	if (!err)
		err = row_builder_init(&b, ret, options, profiles, n);
	for (k = 0; !err && k < n; k++)
		err = add_profile(&b, k);
	if (!err)
		err = rows_estimate(ret, profiles, ret->series.counts, n,
				    &changes);
	if (!err)
		err = find_trends(ret, &changes);
	if (err)
		rows_release(ret);
	else
		rows_finish(ret, &changes, options);
	return err;
}

struct hs_error *rows_of_trend(const struct heap_profile *const *profiles,
			       size_t n, const struct rows_options *options,
			       struct rows *ret)
{
	return make_rows(profiles, n, options, ret);
}

struct hs_error *rows_of_interval(const struct heap_profile *const *profiles,
				  size_t n, const struct rows_options *options,
				  struct rows *ret)
{
	struct hs_error *err = make_rows(profiles, n, options, ret);

	ret->interval = true;
	return err;
}
