#include "output/row_builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "heap/diff.h"
#include "heap/unbias.h"

struct heap_counts row_stack_counts(const struct row_builder *b,
				    const struct heap_profile *p, size_t index)
{
	if (b->options->counts == ROWS_INUSE)
		return p->stacks[index].inuse;
	if (p->allocated)
		return p->allocated[index];
	return (struct heap_counts){ 0 };
}

struct heap_counts row_part_counts(const struct row_builder *b,
				   const struct heap_part *part)
{
	return b->options->counts == ROWS_INUSE ? part->inuse : part->allocated;
}

static struct hs_error *push_frames(struct rows *rows, struct frame_run run)
{
	uint32_t i;

	if (!ARRAY_GROW(rows->stack, rows->stack_cap, rows->n_stack + run.n) ||
	    rows->n_stack + run.n > UINT32_MAX)
		return hs_error_nomem();
	for (i = 0; i < run.n; i++)
		rows->stack[rows->n_stack++] = run.first + i;
	return NULL;
}

/* Appends frames @run to the stack under construction. */
static inline struct hs_error *push_run(struct rows *rows, struct frame_run run)
{
	/* Most locations are one frame. */
	if (run.n != 1 || rows->n_stack >= rows->stack_cap ||
	    rows->n_stack >= UINT32_MAX)
		return push_frames(rows, run);
	rows->stack[rows->n_stack++] = run.first;
	return NULL;
}

/* The frame of a stack that is @before and @after: where the profile after has
 * no names, the one before may have some. */
static struct row_source better_source(const struct row_builder *b,
				       struct row_source before,
				       struct row_source after, uint32_t i)
{
	const struct heap_profile *old = b->frames.sides[before.side].profile;
	const struct heap_profile *new = b->frames.sides[after.side].profile;
	const uint32_t was = old->frames[before.stack->first + i];
	const uint32_t is = new->frames[after.stack->first + i];

	if (!new->locations[is].n_names && old->locations[was].n_names)
		return before;
	return after;
}

/* Appends the @most innermost frames of a stack that is in @before, in @after,
 * or in both (with equal depth). */
static struct hs_error *push_stack(struct row_builder *b,
				   struct row_source before,
				   struct row_source after, uint32_t most)
{
	struct row_source from = after.stack ? after : before;
	const bool both = before.stack && after.stack;
	const uint32_t depth = from.stack->depth < most ? from.stack->depth
							: most;
	const struct heap_profile *p;
	struct frame_run run = { 0 };
	struct hs_error *err;
	uint32_t i;

	for (i = 0; i < depth; i++) {
		if (both)
			from = better_source(b, before, after, i);
		p = b->frames.sides[from.side].profile;
		err = frame_table_expand(&b->frames, from.side,
					 p->frames[from.stack->first + i],
					 &run);
		if (!err)
			err = push_run(b->rows, run);
		if (err)
			return err;
	}
	if (depth)
		return NULL;
	run.n = 1;
	err = frame_table_text(&b->frames, "no call stack was recorded",
			       &run.first);
	return err ? err : push_run(b->rows, run);
}

/* Folds the allocator's frames of the stack that begins at @first. */
static struct hs_error *fold_stack(struct row_builder *b, size_t first)
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
	/* Folding ends at the first frame that is shown. */
	for (i = 0; i < n && (i == 0 || b->kinds[i - 1] != FOLD_KEEP); i++) {
		f = &rows->frames[rows->stack[first + i]];
		b->kinds[i] = f->fold;
		/* The leaf is the function that recorded the backtrace. */
		b->bridge[i] = f->in_allocator ||
			       (f->module && leaf->module &&
				strcmp(f->module, leaf->module) == 0);
	}
	fold = fold_count(b->kinds, b->bridge, i);
	memmove(rows->stack + first, rows->stack + first + fold,
		(n - fold) * sizeof(*rows->stack));
	rows->n_stack -= fold;
	return NULL;
}

static bool has_wrappers(const struct rows_options *o)
{
	return o->fold == ROWS_FOLD_WRAPPERS || o->fold == ROWS_FOLD_STD;
}

/* Looks at the leaf of each stack, for what is there in many. */
static struct hs_error *learn_wrappers(struct row_builder *b)
{
	enum { LEAF = 24 };
	struct rows *rows = b->rows;
	struct hs_error *err = NULL;
	size_t side, i;

	for (side = 0; side < b->frames.n_sides; side++) {
		const struct heap_profile *p = b->frames.sides[side].profile;

		for (i = 0; i < p->n_stacks && !err; i++) {
			struct row_source source = { side, &p->stacks[i] };
			const struct row_source none = { side, NULL };
			const size_t first = rows->n_stack;

			err = push_stack(b, none, source, LEAF);
			if (!err)
				err = fold_stack(b, first);
			if (!err)
				err = wrappers_count(&b->wrappers, rows, first,
						     rows->n_stack - first);
			rows->n_stack = first;
		}
	}
	wrappers_decide(&b->wrappers);
	return err;
}

struct hs_error *row_builder_init(struct row_builder *b, struct rows *rows,
				  const struct rows_options *options,
				  const struct heap_profile *const *profiles,
				  size_t n)
{
	size_t i, most = 0;
	struct hs_error *err;

	*b = (struct row_builder){ .rows = rows, .options = options };
	for (i = 0; i < n && options->group == ROWS_STACKS; i++)
		if (profiles[i]->n_stacks > most)
			most = profiles[i]->n_stacks;
	err = hash_index_reserve(&b->by_frames, most);
	if (!err)
		err = frame_table_init(&b->frames, rows, options, profiles, n);
	if (!err && has_wrappers(options))
		err = learn_wrappers(b);
	return err;
}

void row_builder_release(struct row_builder *b)
{
	frame_table_release(&b->frames);
	wrappers_release(&b->wrappers);
	hash_index_release(&b->by_frames);
	free(b->kinds);
	free(b->bridge);
}

/* Whether the stack that begins at @first is shown. */
static enum row_visibility find_visibility(const struct row_builder *b,
					   size_t first)
{
	const struct rows *rows = b->rows;
	const struct rows_options *o = b->options;
	bool focused = !o->focus, ignored = false;
	const struct row_frame *f;
	size_t i;

	if (!o->focus && !o->ignore && !o->suppressions)
		return ROW_VISIBLE;
	for (i = first; i < rows->n_stack; i++) {
		f = &rows->frames[rows->stack[i]];
		if (f->suppressed)
			return ROW_SUPPRESSED;
		ignored |= f->ignore;
		focused |= f->focus;
	}
	return focused && !ignored ? ROW_VISIBLE : ROW_UNFOCUSED;
}

/* Removes the frames that options->hide and show exclude. */
static void hide_frames(struct row_builder *b, size_t first)
{
	struct rows *rows = b->rows;
	const struct row_frame *f;
	size_t i, end = first;

	if (!b->options->hide && !b->options->show)
		return;
	for (i = first; i < rows->n_stack; i++) {
		f = &rows->frames[rows->stack[i]];
		if (!f->hide && (f->show || !b->options->show))
			rows->stack[end++] = rows->stack[i];
	}
	rows->n_stack = end;
}

static uint32_t wrappers_of(const struct row_builder *b, size_t first)
{
	if (!has_wrappers(b->options))
		return 0;
	return wrappers_at_leaf(&b->wrappers, b->rows, first,
				b->rows->n_stack - first);
}

static uint64_t row_hash(const struct hash_index *index,
			 const struct rows *rows, const struct row *row)
{
	struct hash h = hash_mix(hash_index_begin(index), row->visibility);
	uint32_t i;

	for (i = 0; i < row->depth; i++)
		h = hash_mix(h, row_frame(rows, row, i)->key);
	return h.value;
}

static bool row_has_frames(const struct rows *rows, const struct row *a,
			   const struct row *b)
{
	uint32_t i;

	if (a->depth != b->depth || a->visibility != b->visibility)
		return false;
	for (i = 0; i < a->depth; i++)
		if (row_frame(rows, a, i)->key != row_frame(rows, b, i)->key)
			return false;
	return true;
}

/* Finds a row that shows the same as the stack that begins at @first, and drops
 * the stack, or makes it a new row. */
static struct hs_error *find_row(struct row_builder *b, size_t first,
				 enum row_visibility visibility,
				 struct row **ret)
{
	struct rows *rows = b->rows;
	struct row row = { .visibility = visibility,
			   .number = (uint32_t)rows->n };
	struct hash_index_walk walk = { 0 };
	uint64_t hash;

	if (!ARRAY_GROW(rows->items, rows->cap, rows->n + 1) ||
	    rows->n >= UINT32_MAX - 1)
		return hs_error_nomem();
	row.first = (uint32_t)first;
	row.depth = (uint32_t)(rows->n_stack - first);
	row.wrappers = wrappers_of(b, first);
	hash = row_hash(&b->by_frames, rows, &row);
	while (hash_index_next(&b->by_frames, hash, &walk)) {
		*ret = &rows->items[walk.value];
		if (row_has_frames(rows, *ret, &row)) {
			rows->n_stack = first;
			return NULL;
		}
	}
	rows->items[rows->n] = row;
	*ret = &rows->items[rows->n];
	return hash_index_add(&b->by_frames, hash, (uint32_t)rows->n++);
}

/* Appends the frames of a stack that are shown. *visibility: whether its row is
 * shown. */
static struct hs_error *show_stack(struct row_builder *b,
				   struct row_source before,
				   struct row_source after,
				   enum row_visibility *visibility)
{
	size_t first = b->rows->n_stack;
	struct hs_error *err;

	err = push_stack(b, before, after, UINT32_MAX);
	if (!err)
		err = fold_stack(b, first);
	if (err)
		return err;
	*visibility = find_visibility(b, first);
	if (*visibility == ROW_VISIBLE)
		hide_frames(b, first);
	return NULL;
}

/* The frame that decides the group of the stack that begins at @first: the
 * innermost of the program's own code, since templates and string functions are
 * in all programs; but for modules the leaf. */
static uint32_t group_leaf(const struct row_builder *b, size_t first)
{
	const struct rows *rows = b->rows;

	first += wrappers_of(b, first);
	if (b->options->group != ROWS_MODULES)
		first = rows_place(rows, first, rows->n_stack);
	return rows->stack[first];
}

struct hs_error *row_builder_stack(struct row_builder *b,
				   struct row_source before,
				   struct row_source after, struct row **ret)
{
	struct rows *rows = b->rows;
	size_t first = rows->n_stack;
	enum row_visibility visibility = ROW_VISIBLE;
	struct hs_error *err;

	err = show_stack(b, before, after, &visibility);
	if (!err && visibility == ROW_VISIBLE &&
	    b->options->group != ROWS_STACKS && rows->n_stack > first) {
		err = frame_table_group(&b->frames, group_leaf(b, first),
					&rows->stack[first]);
		rows->n_stack = first + 1;
	}
	return err ? err : find_row(b, first, visibility, ret);
}

struct hs_error *row_builder_part(struct row_builder *b, size_t side,
				  const struct heap_part *part,
				  struct row **ret)
{
	const struct heap_profile *p = b->frames.sides[side].profile;
	const struct row_source none = { side, NULL };
	const struct row_source source = { side, &p->stacks[part->stack] };
	struct rows *rows = b->rows;
	size_t first = rows->n_stack;
	enum row_visibility visibility = ROW_VISIBLE;
	struct frame_run run = { 0, 1 };
	struct hs_error *err;

	err = show_stack(b, none, source, &visibility);
	if (!err && visibility == ROW_VISIBLE) {
		rows->n_stack = first;
		err = frame_table_thread(&b->frames, side, part->thread,
					 &run.first);
		if (!err)
			err = push_run(rows, run);
	}
	return err ? err : find_row(b, first, visibility, ret);
}

struct hs_error *row_builder_unsampled(struct row_builder *b, struct row **ret)
{
	const size_t first = b->rows->n_stack;
	struct frame_run run = { 0, 1 };
	struct hs_error *err;

	err = frame_table_text(&b->frames, "no sampled stack", &run.first);
	if (!err)
		err = push_run(b->rows, run);
	if (!err)
		err = find_row(b, first, find_visibility(b, first), ret);
	if (!err)
		(*ret)->unsampled = true;
	return err;
}

void row_follow(const struct rows *rows, struct row *row, bool after,
		const struct heap_counts *allocated)
{
	if (rows->tracked)
		row->since += after ? allocated->bytes_variance
				    : -allocated->bytes_variance;
}

/* From the same start on: prof.reset starts from 0. They must be known to be of
 * one process: a fork has the same addresses. */
bool rows_are_followed(const struct heap_profile *before,
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
