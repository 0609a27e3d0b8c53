#include "output/row_recipes.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "heap/unbias.h"
#include "output/row_builder.h"

static struct hs_error *add_parts(struct row_builder *b, size_t side)
{
	const struct heap_profile *p = b->frames.sides[side].profile;
	struct hs_error *err = NULL;
	struct row *row = NULL;
	size_t i;

	for (i = 0; !err && i < p->n_parts; i++) {
		err = row_builder_part(b, side, &p->parts[i], &row);
		if (err)
			break;
		row_count(b->rows, row, side, row_part_counts(b, &p->parts[i]));
		row_follow(b->rows, row, side != 0, &p->parts[i].allocated);
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
		row_count(b->rows, row, 0,
			  row_stack_counts(b, diff->before, pair->before));
	if (after.stack)
		row_count(b->rows, row, 1,
			  row_stack_counts(b, diff->after, pair->after));
	if (before.stack && b->rows->tracked)
		row_follow(b->rows, row, false,
			   &diff->before->allocated[pair->before]);
	if (after.stack && b->rows->tracked)
		row_follow(b->rows, row, true,
			   &diff->after->allocated[pair->after]);
	if (after.stack)
		err = row_age(b->rows, row, diff->after, pair->after);
	if (!err && before.stack)
		err = row_columns_add(&b->rows->columns, row->number,
				      diff->before, pair->before, false);
	if (!err && after.stack)
		err = row_columns_add(&b->rows->columns, row->number,
				      diff->after, pair->after, true);
	return err;
}

/* What is needed to make the rows is gone before they are sorted and written. */
static struct hs_error *make_diff(const struct heap_diff *diff,
				  const struct rows_options *options,
				  struct rows *ret,
				  struct heap_changes *changes)
{
	const struct heap_profile *profiles[] = { diff->before, diff->after };
	hs_cleanup(row_builder_release) struct row_builder b = { 0 };
	struct hs_error *err;
	size_t i;

	ret->tracked = rows_are_followed(diff->before, diff->after);
	err = rows_set_interval(ret, profiles, 2);
	if (!err)
		err = row_builder_init(&b, ret, options, profiles, 2);
	if (!err)
		err = row_builder_reserve(&b);
	if (!err && options->group == ROWS_THREADS) {
		err = add_parts(&b, 0);
		if (!err)
			err = add_parts(&b, 1);
	} else {
		for (i = 0; !err && i < diff->n_stacks; i++)
			err = add_pair(&b, diff, &diff->stacks[i]);
	}
	if (err)
		return err;
	row_builder_finish(&b);
	return row_builder_estimate(&b, profiles, changes);
}

struct hs_error *rows_of_diff(const struct heap_diff *diff,
			      const struct rows_options *options,
			      struct rows *ret)
{
	hs_cleanup(heap_changes_release) struct heap_changes changes = { 0 };
	struct hs_error *err;

	rows_init(ret, diff->before, diff->after, options);
	err = make_diff(diff, options, ret, &changes);
	if (err)
		rows_release(ret);
	else
		rows_finish(ret, &changes, options);
	return err;
}

/* Adds what stack @index of @p has to row @row. */
static struct hs_error *add_stack(struct row_builder *b,
				  const struct heap_profile *p, uint32_t index,
				  struct row *row)
{
	struct rows *rows = b->rows;
	struct hs_error *err;

	row_count(rows, row, 0, row_stack_counts(b, p, index));
	if (rows->inherited)
		heap_counts_add(&rows->inherited[row->number],
				&p->inherited[index]);
	err = row_age(rows, row, p, index);
	return err ? err
		   : row_columns_add(&rows->columns, row->number, p, index,
				     true);
}

enum { AT_ONCE = 1 << 16 }; /* stacks, a multiple of ROWS_AT_ONCE */

/* @spent: NULL, or @p, whose stacks go as their rows come. */
static struct hs_error *add_stacks(struct row_builder *b,
				   const struct heap_profile *p,
				   struct heap_profile *spent)
{
	struct rows *rows = b->rows;
	struct hs_error *err = NULL;
	uint32_t found[ROWS_AT_ONCE];
	size_t i, k, n;

	if (p->inherited && b->options->counts == ROWS_INUSE) {
		rows->inherited =
			calloc(p->n_stacks + 1, sizeof(*rows->inherited));
		if (!rows->inherited)
			return hs_error_nomem();
	}
	for (i = 0; !err && i < p->n_stacks; i += n) {
		n = p->n_stacks - i;
		n = n < ROWS_AT_ONCE ? n : ROWS_AT_ONCE;
		if (spent && i % AT_ONCE == 0)
			heap_profile_drop_stacks(spent, i);
		err = row_builder_stacks(b, 0, &p->stacks[i], n, found);
		for (k = 0; !err && k < n; k++)
			err = add_stack(b, p, (uint32_t)(i + k),
					&rows->items[found[k]]);
	}
	return err;
}

static struct hs_error *make_report(const struct heap_profile *profile,
				    struct heap_profile *spent,
				    const struct rows_options *options,
				    struct rows *ret)
{
	hs_cleanup(row_builder_release) struct row_builder b = { 0 };
	struct hs_error *err;

	err = row_builder_init(&b, ret, options, &profile, 1);
	if (!err)
		err = frame_table_expand_all(&b.frames, 0);
	if (!err && spent)
		heap_profile_drop_locations(spent);
	if (!err)
		err = row_builder_reserve(&b);
	if (!err)
		err = options->group == ROWS_THREADS
			      ? add_parts(&b, 0)
			      : add_stacks(&b, profile, spent);
	if (!err && spent)
		heap_profile_drop_stacks(spent, SIZE_MAX);
	if (!err)
		row_builder_finish(&b);
	return err;
}

static struct hs_error *make_rows(const struct heap_profile *profile,
				  struct heap_profile *spent,
				  const struct rows_options *options,
				  struct rows *ret)
{
	struct hs_error *err;

	rows_init(ret, NULL, profile, options);
	err = make_report(profile, spent, options, ret);
	if (err)
		rows_release(ret);
	else
		rows_finish(ret, NULL, options);
	return err;
}

struct hs_error *rows_of_profile(const struct heap_profile *profile,
				 const struct rows_options *options,
				 struct rows *ret)
{
	return make_rows(profile, NULL, options, ret);
}

struct hs_error *rows_take_profile(struct heap_profile *profile,
				   const struct rows_options *options,
				   struct rows *ret)
{
	return make_rows(profile, profile, options, ret);
}
