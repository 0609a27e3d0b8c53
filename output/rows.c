#include "output/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "heap/unbias.h"
#include "output/frames.h"

/* What is needed only while rows are made. */
struct builder {
	struct rows *rows;
	struct frame_table frames;
	uint32_t *slots; /* owned; rows by what they show: index + 1 */
	size_t n_slots;	 /* a power of two, or 0 */
	/* Scratch of the fold, as long as the longest stack. */
	enum fold_kind *kinds; /* owned */
	size_t kinds_cap;
	bool *bridge; /* owned */
	size_t bridge_cap;
};

static void builder_release(struct builder *b)
{
	frame_table_release(&b->frames);
	free(b->slots);
	free(b->kinds);
	free(b->bridge);
}

void rows_release(struct rows *rows)
{
	free(rows->items);
	free(rows->frames);
	free(rows->stack);
	*rows = (struct rows){ 0 };
}

bool row_changed(const struct row *row)
{
	return row->bytes != 0 || row->objects != 0;
}

bool row_significant(const struct row *row)
{
	return row_changed(row) && fabs((double)row->bytes) >= 2 * row->error;
}

bool rows_exact(const struct rows *rows)
{
	return rows->after->sample_period <= 1 &&
	       (!rows->before || rows->before->sample_period <= 1);
}

/* Appends frames @run to the stack that is being made. */
static struct hs_error *push_run(struct rows *rows, struct frame_run run)
{
	uint32_t i;

	if (!ARRAY_GROW(rows->stack, rows->stack_cap, rows->n_stack + run.n) ||
	    rows->n_stack + run.n > UINT32_MAX)
		return hs_error_nomem();
	for (i = 0; i < run.n; i++)
		rows->stack[rows->n_stack++] = run.first + i;
	return NULL;
}

/* A location that the profile after has no names for may have some before. */
static bool better_before(const struct rows *rows, uint32_t before,
			  uint32_t after)
{
	return rows->after->locations[after].n_names == 0 &&
	       rows->before->locations[before].n_names > 0;
}

/* Appends the frames of a stack that is in @before, in @after, or in both (then
 * their depth is the same). */
static struct hs_error *push_stack(struct builder *b,
				   const struct heap_stack *before,
				   const struct heap_stack *after)
{
	const struct rows *rows = b->rows;
	uint32_t depth = after ? after->depth : before->depth, i;
	struct frame_run run = { 0 };
	struct hs_error *err;
	uint32_t old = 0, new = 0;
	int side;

	for (i = 0; i < depth; i++) {
		if (before)
			old = rows->before->frames[before->first + i];
		if (after)
			new = rows->after->frames[after->first + i];
		side = after && !(before && better_before(rows, old, new));
		err = frame_table_expand(&b->frames, side, side ? new : old,
					 &run);
		if (!err)
			err = push_run(b->rows, run);
		if (err)
			return err;
	}
	return NULL;
}

/* Takes the allocator's frames from the stack that begins at @first. */
static struct hs_error *fold_stack(struct builder *b, size_t first)
{
	struct rows *rows = b->rows;
	size_t n = rows->n_stack - first, i, fold;
	const struct row_frame *f, *leaf;

	if (n == 0)
		return NULL;
	if (!ARRAY_GROW(b->kinds, b->kinds_cap, n) ||
	    !ARRAY_GROW(b->bridge, b->bridge_cap, n))
		return hs_error_nomem();
	leaf = &rows->frames[rows->stack[first]];
	for (i = 0; i < n; i++) {
		f = &rows->frames[rows->stack[first + i]];
		b->kinds[i] = f->fold;
		/* The leaf is the function that took the backtrace. */
		b->bridge[i] = f->in_allocator ||
			       (f->module && leaf->module &&
				strcmp(f->module, leaf->module) == 0);
	}
	fold = fold_count(b->kinds, b->bridge, n);
	memmove(rows->stack + first, rows->stack + first + fold,
		(n - fold) * sizeof(*rows->stack));
	rows->n_stack -= fold;
	return NULL;
}

static uint64_t row_hash(const struct rows *rows, const struct row *row)
{
	uint64_t h = row->depth;
	uint32_t i;

	for (i = 0; i < row->depth; i++)
		h = hash_mix(h, row_frame(rows, row, i)->key);
	return h;
}

static bool row_looks_like(const struct rows *rows, const struct row *a,
			   const struct row *b)
{
	uint32_t i;

	if (a->depth != b->depth)
		return false;
	for (i = 0; i < a->depth; i++)
		if (row_frame(rows, a, i)->key != row_frame(rows, b, i)->key)
			return false;
	return true;
}

static struct hs_error *grow_slots(struct builder *b)
{
	size_t want = b->n_slots ? b->n_slots * 2 : 1024, i, at;
	uint32_t *slots = calloc(want, sizeof(*slots));

	if (!slots)
		return hs_error_nomem();
	for (i = 0; i < b->n_slots; i++) {
		if (!b->slots[i])
			continue;
		at = row_hash(b->rows, &b->rows->items[b->slots[i] - 1]);
		while (slots[at &= want - 1])
			at++;
		slots[at] = b->slots[i];
	}
	free(b->slots);
	b->slots = slots;
	b->n_slots = want;
	return NULL;
}

/* Makes the stack that begins at @first a row, or finds the row that shows the
 * same and drops it. */
static struct hs_error *find_row(struct builder *b, size_t first,
				 struct row **ret)
{
	struct rows *rows = b->rows;
	struct row row = { 0 };
	struct hs_error *err;
	size_t at;

	if (!ARRAY_GROW(rows->items, rows->cap, rows->n + 1) ||
	    rows->n >= UINT32_MAX)
		return hs_error_nomem();
	if (rows->n >= b->n_slots / 2) {
		err = grow_slots(b);
		if (err)
			return err;
	}
	row.first = (uint32_t)first;
	row.depth = (uint32_t)(rows->n_stack - first);
	at = row_hash(rows, &row);
	while (b->slots[at &= b->n_slots - 1]) {
		*ret = &rows->items[b->slots[at] - 1];
		if (row_looks_like(rows, *ret, &row)) {
			rows->n_stack = first;
			return NULL;
		}
		at++;
	}
	rows->items[rows->n] = row;
	*ret = &rows->items[rows->n++];
	b->slots[at] = (uint32_t)rows->n;
	return NULL;
}

static struct hs_error *add_stack(struct builder *b,
				  const struct heap_stack *before,
				  const struct heap_stack *after)
{
	size_t first = b->rows->n_stack;
	struct row *row = NULL;
	struct hs_error *err;

	err = push_stack(b, before, after);
	if (!err)
		err = fold_stack(b, first);
	if (!err)
		err = find_row(b, first, &row);
	if (err)
		return err;
	if (before)
		heap_counts_add(&row->before, &before->inuse);
	if (after)
		heap_counts_add(&row->after, &after->inuse);
	row->merged++;
	return NULL;
}

static bool row_kept(const struct rows *rows, const struct row *row,
		     const struct rows_options *options)
{
	bool focused = !options->focus;
	uint32_t i;

	for (i = 0; i < row->depth; i++) {
		if (row_frame(rows, row, i)->ignore)
			return false;
		focused |= row_frame(rows, row, i)->focus;
	}
	return focused;
}

static void sum_add(struct rows_sum *sum, int64_t bytes, int64_t objects,
		    double variance)
{
	sum->bytes += bytes;
	sum->objects += objects;
	sum->variance += variance;
	sum->rows++;
}

/* Fills what follows from the counts, takes away the rows that are not wanted
 * and adds up the rest. */
static void finish_rows(struct rows *rows, const struct rows_options *options)
{
	int64_t was, is, old, new;
	struct row *row;
	size_t i, kept = 0;
	double variance;

	for (i = 0; i < rows->n; i++) {
		row = &rows->items[i];
		was = llround(row->before.bytes);
		is = llround(row->after.bytes);
		old = llround(row->before.objects);
		new = llround(row->after.objects);
		row->bytes = is - was;
		row->objects = new - old;
		row->error =
			heap_counts_difference_error(&row->before, &row->after);
		variance = row->error * row->error;
		sum_add(&rows->heap_before, was, old,
			row->before.bytes_variance);
		sum_add(&rows->heap_after, is, new, row->after.bytes_variance);
		if (!row_kept(rows, row, options))
			continue;
		sum_add(&rows->net, row->bytes, row->objects, variance);
		if (row->bytes > 0)
			sum_add(&rows->grown, row->bytes, row->objects,
				variance);
		if (row->bytes < 0)
			sum_add(&rows->shrunk, row->bytes, row->objects,
				variance);
		rows->items[kept++] = *row;
	}
	rows->n_unfocused = rows->n - kept;
	rows->n = kept;
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

struct hs_error *rows_of_diff(const struct heap_diff *diff,
			      const struct rows_options *options,
			      struct rows *ret)
{
	hs_cleanup(builder_release) struct builder b = { .rows = ret };
	const struct heap_diff_stack *s;
	struct hs_error *err;
	size_t i;

	*ret = (struct rows){ .before = diff->before, .after = diff->after };
	err = frame_table_init(&b.frames, ret, options);
	for (i = 0; !err && i < diff->n_stacks; i++) {
		s = &diff->stacks[i];
		err = add_stack(&b,
				s->before == HEAP_NO_STACK
					? NULL
					: &diff->before->stacks[s->before],
				s->after == HEAP_NO_STACK
					? NULL
					: &diff->after->stacks[s->after]);
	}
	if (err) {
		rows_release(ret);
		return err;
	}
	finish_rows(ret, options);
	sort_rows(ret, options->sort);
	return NULL;
}

struct hs_error *rows_of_profile(const struct heap_profile *profile,
				 const struct rows_options *options,
				 struct rows *ret)
{
	hs_cleanup(builder_release) struct builder b = { .rows = ret };
	struct hs_error *err;
	size_t i;

	*ret = (struct rows){ .after = profile };
	err = frame_table_init(&b.frames, ret, options);
	for (i = 0; !err && i < profile->n_stacks; i++)
		err = add_stack(&b, NULL, &profile->stacks[i]);
	if (err) {
		rows_release(ret);
		return err;
	}
	finish_rows(ret, options);
	sort_rows(ret, options->sort);
	return NULL;
}
