#include "output/row_builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/str.h"
#include "heap/diff.h"
#include "heap/unbias.h"
#include "output/unsampled.h"

/* A stack whose row is looked for; its frames are in rows->stack. */
struct row_draft {
	size_t first;
	uint32_t depth;
	enum row_visibility visibility;
	uint64_t hash;
};

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

/* Makes room for @n more frames in the stack under construction. */
static struct hs_error *reserve(struct rows *rows, size_t n)
{
	if (!ARRAY_GROW(rows->stack, rows->stack_cap, rows->n_stack + n) ||
	    rows->n_stack + n > UINT32_MAX)
		return hs_error_nomem();
	return NULL;
}

/* Appends frames @run, and leaves room for @more. */
static struct hs_error *push_run(struct rows *rows, struct frame_run run,
				 size_t more)
{
	struct hs_error *err = reserve(rows, run.n + more);
	uint32_t i;

	for (i = 0; !err && i < run.n; i++)
		rows->stack[rows->n_stack++] = run.first + i;
	return err;
}

static uint32_t location_of(const struct row_builder *b,
			    struct row_source source, uint32_t i)
{
	return b->frames.sides[source.side]
		.profile->frames[source.stack->first + i];
}

static bool has_name(const struct row_builder *b, struct row_source source,
		     uint32_t i)
{
	const struct heap_profile *p = b->frames.sides[source.side].profile;

	return p->locations[location_of(b, source, i)].n_names != 0;
}

/* Appends frame @i of a stack that is @before and @after, or in either, and
 * leaves room for @more. Where the profile after has no names, the one before
 * may have some. */
static struct hs_error *push_frame(struct row_builder *b,
				   struct row_source before,
				   struct row_source after, uint32_t i,
				   size_t more)
{
	struct row_source from = after.stack ? after : before;
	struct frame_run run;
	struct hs_error *err;

	if (before.stack && after.stack && !has_name(b, after, i) &&
	    has_name(b, before, i))
		from = before;
	err = frame_table_expand(&b->frames, from.side, location_of(b, from, i),
				 &run);
	return err ? err : push_run(b->rows, run, more);
}

/* Appends the frames of @stack from frame @i on, for which there is room, as
 * long as each is one frame, known already and, if @named, has a name: most of
 * them. Returns the number of the first that is not appended. */
static uint32_t push_known(struct rows *rows, const struct frame_side *side,
			   const struct heap_stack *stack, uint32_t i,
			   bool named)
{
	const struct heap_location *locations = side->profile->locations;
	const uint32_t *at = side->profile->frames + stack->first;
	const struct frame_run *runs = side->runs;
	const uint32_t depth = stack->depth;
	uint32_t *end = rows->stack + rows->n_stack;

	for (; i < depth; i++) {
		if (runs[at[i]].n != 1 || (named && !locations[at[i]].n_names))
			break;
		*end++ = runs[at[i]].first;
	}
	rows->n_stack = (size_t)(end - rows->stack);
	return i;
}

/* Appends the frames of a stack that is in @before, in @after, or in both (with
 * equal depth). */
static struct hs_error *push_stack(struct row_builder *b,
				   struct row_source before,
				   struct row_source after)
{
	const struct row_source from = after.stack ? after : before;
	const struct frame_side *side = &b->frames.sides[from.side];
	const bool named = before.stack && after.stack &&
			   b->frames.sides[before.side].profile->n_names;
	const uint32_t depth = from.stack->depth;
	struct frame_run none;
	struct hs_error *err;
	uint32_t i = 0;

	if (!depth) {
		err = frame_table_no_stack(&b->frames, from.side, &none);
		return err ? err : push_run(b->rows, none, 0);
	}
	err = reserve(b->rows, depth);
	while (!err) {
		i = push_known(b->rows, side, from.stack, i, named);
		if (i == depth)
			break;
		err = push_frame(b, before, after, i, depth - i - 1);
		i++;
	}
	return err;
}

/* Folds the allocator's frames of the stack that begins at @first. */
static void fold_stack(struct row_builder *b, size_t first)
{
	struct rows *rows = b->rows;
	const size_t n = rows->n_stack - first;
	const struct row_frame *f, *leaf;
	struct fold fold = { 0 };
	size_t i;

	if (!b->frames.folds)
		return;
	leaf = &rows->frames[rows->stack[first]];
	for (i = 0; i < n; i++) {
		f = &rows->frames[rows->stack[first + i]];
		/* The leaf is the function that recorded the backtrace. */
		if (!fold_next(&fold, f->look->fold,
			       (f->look->code && f->look->code->allocator) ||
				       (f->look->module && leaf->look->module &&
					str_equal(f->look->module,
						  leaf->look->module))))
			break;
	}
	if (fold.end == 0 || fold.end == n)
		return;
	memmove(rows->stack + first, rows->stack + first + fold.end,
		(n - fold.end) * sizeof(*rows->stack));
	rows->n_stack -= fold.end;
}

/* Appends what is left of a stack when it is folded. */
static struct hs_error *push_folded(struct row_builder *b,
				    struct row_source before,
				    struct row_source after)
{
	const size_t first = b->rows->n_stack;
	struct hs_error *err = push_stack(b, before, after);

	if (!err)
		fold_stack(b, first);
	return err;
}

static bool has_wrappers(const struct rows_options *o)
{
	return o->fold == ROWS_FOLD_WRAPPERS || o->fold == ROWS_FOLD_STD;
}

/* Groups by the frame that is responsible, for which the wrappers have to be
 * known beforehand. */
static bool groups_frames(const struct rows_options *o)
{
	return o->group != ROWS_STACKS && o->group != ROWS_THREADS;
}

/* Looks at all stacks before there are rows of them. */
static struct hs_error *learn_wrappers(struct row_builder *b)
{
	struct rows *rows = b->rows;
	struct hs_error *err = NULL;
	size_t side, i;

	for (side = 0; side < b->frames.n_sides; side++) {
		const struct heap_profile *p = b->frames.sides[side].profile;

		for (i = 0; i < p->n_stacks && !err; i++) {
			struct row_source source = { side, &p->stacks[i] };
			const struct row_source none = { side, NULL };

			err = push_folded(b, none, source);
			if (!err)
				err = wrappers_count(&b->wrappers, rows, 0,
						     rows->n_stack);
			rows->n_stack = 0;
		}
	}
	wrappers_decide(&b->wrappers, rows);
	return err;
}

struct hs_error *row_builder_init(struct row_builder *b, struct rows *rows,
				  const struct rows_options *options,
				  const struct heap_profile *const *profiles,
				  size_t n)
{
	struct hs_error *err;

	*b = (struct row_builder){ .rows = rows, .options = options };
	err = frame_table_init(&b->frames, rows, options, profiles, n);
	if (!err && has_wrappers(options) && groups_frames(options))
		err = learn_wrappers(b);
	return err;
}

struct hs_error *row_builder_reserve(struct row_builder *b)
{
	size_t i, n, most = 0;

	if (b->options->group != ROWS_STACKS)
		return NULL;
	for (i = 0; i < b->frames.n_sides; i++) {
		n = b->frames.sides[i].profile->n_stacks;
		most = n > most ? n : most;
	}
	return hash_index_reserve(&b->by_frames, most);
}

void row_builder_release(struct row_builder *b)
{
	frame_table_release(&b->frames);
	wrappers_release(&b->wrappers);
	hash_index_release(&b->by_frames);
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
		if (f->look->suppressed)
			return ROW_SUPPRESSED;
		ignored |= f->look->ignore;
		focused |= f->look->focus;
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
		if (!f->look->hide && (f->look->show || !b->options->show))
			rows->stack[end++] = rows->stack[i];
	}
	rows->n_stack = end;
}

static uint64_t row_hash(const struct hash_index *index,
			 const struct rows *rows, const struct row *row)
{
	struct hash h = hash_mix(hash_index_begin(index), row->visibility);
	const uint32_t depth = row->depth;
	uint32_t i;

	for (i = 0; i + 1 < depth; i += 2)
		h = hash_mix_two(h, row_frame(rows, row, i)->key,
				 row_frame(rows, row, i + 1)->key);
	if (i < depth)
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

/* Makes room for the numbers of row @rows->n. */
static bool grow_numbers(struct rows *rows)
{
	const size_t n = rows->n_points, end = (rows->n + 1) * n;

	if (!n)
		return true;
	if (!ARRAY_GROW(rows->points, rows->points_cap, end))
		return false;
	memset(rows->points + end - n, 0, n * sizeof(*rows->points));
	if (!rows->tracked)
		return true;
	if (!ARRAY_GROW(rows->since, rows->since_cap, rows->n + 1))
		return false;
	rows->since[rows->n] = 0;
	return true;
}

/* The frames at the end of rows->stack, from draft->first on, are all of a
 * stack that is shown: its row can be looked for. */
static void complete_draft(const struct row_builder *b, struct row_draft *draft)
{
	const struct rows *rows = b->rows;
	const struct row row = {
		.first = (uint32_t)draft->first,
		.depth = (uint32_t)(rows->n_stack - draft->first),
		.visibility = draft->visibility,
	};

	draft->depth = row.depth;
	draft->hash = row_hash(&b->by_frames, rows, &row);
	hash_index_prefetch(&b->by_frames, draft->hash);
}

/* Finds a row that shows the same as @draft, or makes a new one, whose frames
 * are at the end of rows->stack. Those of @draft are there, or behind it. */
static struct hs_error *find_row(struct row_builder *b,
				 const struct row_draft *draft, uint32_t *ret)
{
	struct rows *rows = b->rows;
	const struct row row = { .first = (uint32_t)rows->n_stack,
				 .depth = draft->depth,
				 .visibility = draft->visibility,
				 .number = (uint32_t)rows->n & (ROWS_MAX - 1) };
	struct hash_index_walk walk = { 0 };

	if (!ARRAY_GROW(rows->items, rows->cap, rows->n + 1) ||
	    rows->n >= ROWS_MAX)
		return hs_error_nomem();
	if (draft->first != row.first)
		memmove(rows->stack + row.first, rows->stack + draft->first,
			row.depth * sizeof(*rows->stack));
	while (hash_index_next(&b->by_frames, draft->hash, &walk)) {
		*ret = walk.value;
		if (row_has_frames(rows, &rows->items[walk.value], &row))
			return NULL;
	}
	if (!grow_numbers(rows))
		return hs_error_nomem();
	rows->items[rows->n] = row;
	rows->n_stack += row.depth;
	*ret = (uint32_t)rows->n++;
	return hash_index_add(&b->by_frames, draft->hash, *ret);
}

/* The same for one, which is at the end. */
static struct hs_error *find_last(struct row_builder *b,
				  struct row_draft *draft, struct row **ret)
{
	struct hs_error *err;
	uint32_t index = 0;

	complete_draft(b, draft);
	b->rows->n_stack = draft->first;
	err = find_row(b, draft, &index);
	*ret = &b->rows->items[index];
	return err;
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

	err = push_folded(b, before, after);
	if (!err && b->options->group == ROWS_STACKS &&
	    has_wrappers(b->options))
		err = wrappers_count(&b->wrappers, b->rows, first,
				     b->rows->n_stack - first);
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

	if (has_wrappers(b->options))
		first += wrappers_at_leaf(&b->wrappers, rows, first,
					  rows->n_stack - first);
	if (b->options->group != ROWS_MODULES)
		first = rows_place(rows, first, rows->n_stack);
	return rows->stack[first];
}

/* Appends the frames of a stack's row. */
static struct hs_error *draft_stack(struct row_builder *b,
				    struct row_source before,
				    struct row_source after,
				    struct row_draft *ret)
{
	struct rows *rows = b->rows;
	const size_t first = rows->n_stack;
	struct hs_error *err;

	*ret = (struct row_draft){ .first = first };
	err = show_stack(b, before, after, &ret->visibility);
	if (!err && ret->visibility == ROW_VISIBLE &&
	    groups_frames(b->options) && rows->n_stack > first) {
		err = frame_table_group(&b->frames, group_leaf(b, first),
					&rows->stack[first]);
		rows->n_stack = first + 1;
	}
	return err;
}

struct hs_error *row_builder_stack(struct row_builder *b,
				   struct row_source before,
				   struct row_source after, struct row **ret)
{
	struct row_draft draft;
	struct hs_error *err = draft_stack(b, before, after, &draft);

	return err ? err : find_last(b, &draft, ret);
}

struct hs_error *row_builder_stacks(struct row_builder *b, size_t side,
				    const struct heap_stack *stacks, size_t n,
				    uint32_t *ret)
{
	const struct row_source none = { side, NULL };
	const size_t end = b->rows->n_stack;
	struct row_draft drafts[ROWS_AT_ONCE];
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < n; i++) {
		const struct row_source source = { side, &stacks[i] };

		err = draft_stack(b, none, source, &drafts[i]);
		if (!err)
			complete_draft(b, &drafts[i]);
	}
	b->rows->n_stack = end;
	for (i = 0; !err && i < n; i++)
		err = find_row(b, &drafts[i], &ret[i]);
	return err;
}

struct hs_error *row_builder_part(struct row_builder *b, size_t side,
				  const struct heap_part *part,
				  struct row **ret)
{
	const struct heap_profile *p = b->frames.sides[side].profile;
	const struct row_source none = { side, NULL };
	const struct row_source source = { side, &p->stacks[part->stack] };
	struct rows *rows = b->rows;
	struct row_draft draft = { .first = rows->n_stack };
	struct frame_run run = { 0, 1 };
	struct hs_error *err;

	err = show_stack(b, none, source, &draft.visibility);
	if (!err && draft.visibility == ROW_VISIBLE) {
		rows->n_stack = draft.first;
		err = frame_table_thread(&b->frames, side, part->thread,
					 &run.first);
		if (!err)
			err = push_run(rows, run, 0);
	}
	return err ? err : find_last(b, &draft, ret);
}

/* The row of what is in no sampled stack: its one frame says so. */
static struct hs_error *row_builder_unsampled(struct row_builder *b,
					      struct row **ret)
{
	struct row_draft draft = { .first = b->rows->n_stack };
	struct frame_run run = { 0, 1 };
	struct hs_error *err;

	err = frame_table_text(&b->frames, "no sampled stack", &run.first);
	if (!err)
		err = push_run(b->rows, run, 0);
	if (err)
		return err;
	draft.visibility = find_visibility(b, draft.first);
	err = find_last(b, &draft, ret);
	if (!err)
		(*ret)->unsampled = true;
	return err;
}

void row_builder_finish(struct row_builder *b)
{
	struct rows *rows = b->rows;
	struct row *row;
	size_t i;

	row_ages_finish(&rows->ages);
	if (b->options->group != ROWS_STACKS || !has_wrappers(b->options))
		return;
	wrappers_decide(&b->wrappers, rows);
	for (i = 0; b->wrappers.any && i < rows->n; i++) {
		row = &rows->items[i];
		row->wrappers = wrappers_at_leaf(&b->wrappers, rows, row->first,
						 row->depth);
	}
}

struct hs_error *
row_builder_estimate(struct row_builder *b,
		     const struct heap_profile *const *profiles,
		     struct heap_changes *ret)
{
	struct rows *rows = b->rows;
	struct heap_change_input in = { .profiles = profiles,
					.n = rows->n_points };
	_cleanup_free_ struct heap_counts *points = NULL;
	struct row *row = NULL;
	struct hs_error *err;

	err = rows_estimate(rows, &in, ret);
	if (err || !unsampled_is_any(ret))
		return err;
	points = calloc(in.n, sizeof(*points));
	if (!points)
		return hs_error_nomem();
	unsampled_points(&in, points);
	err = row_builder_unsampled(b, &row);
	if (!err)
		memcpy(row_point(rows, row, 0), points, in.n * sizeof(*points));
	return err;
}

struct hs_error *row_age(struct rows *rows, const struct row *row,
			 const struct heap_profile *p, uint32_t stack)
{
	if (rows->counts != ROWS_INUSE)
		return NULL;
	return row_ages_add(&rows->ages, row->number, p, stack);
}

void row_count(const struct rows *rows, struct row *row, size_t i,
	       struct heap_counts counts)
{
	heap_counts_add(rows->before ? row_point(rows, row, i) : &row->counts,
			&counts);
}

void row_follow(const struct rows *rows, struct row *row, bool after,
		const struct heap_counts *allocated)
{
	if (rows->tracked)
		rows->since[row->number] += after ? allocated->bytes_variance
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
