/**
 * @file row_builder.h - turns stacks of profiles into rows.
 */
#ifndef OUTPUT_ROW_BUILDER_H
#define OUTPUT_ROW_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_index.h"
#include "output/frames.h"
#include "output/rows.h"
#include "output/wrappers.h"

/** State for the time while rows are made. */
struct row_builder {
	struct rows *rows;		    /* borrowed */
	const struct rows_options *options; /* borrowed */
	struct frame_table frames;
	struct hash_index by_frames; /* of rows */
	struct wrappers wrappers;
};

/** For @profiles[0..n). row_builder_release() in any case. */
struct hs_error *row_builder_init(struct row_builder *b, struct rows *rows,
				  const struct rows_options *options,
				  const struct heap_profile *const *profiles,
				  size_t n) hs_must_check;

void row_builder_release(struct row_builder *b);

/** Makes room for as many rows as a profile has stacks, at once. */
struct hs_error *row_builder_reserve(struct row_builder *b) hs_must_check;

/** A stack of one of the profiles. */
struct row_source {
	size_t side;
	const struct heap_stack *stack; /* NULL: none */
};

/** The row that shows the stack @after, or @before where that is none; they
 *  are the same stack when both are given. Counts are not added. *ret is valid
 *  until the next row is made. */
struct hs_error *row_builder_stack(struct row_builder *b,
				   struct row_source before,
				   struct row_source after,
				   struct row **ret) hs_must_check;

enum { ROWS_AT_ONCE = 16 };

/** The same for the stacks @stacks[0..n) of profile @side, up to ROWS_AT_ONCE:
 *  ret[0..n) are the rows' indices in rows->items. Of many rows each is
 *  somewhere else in memory, and they are fetched together. */
struct hs_error *row_builder_stacks(struct row_builder *b, size_t side,
				    const struct heap_stack *stacks, size_t n,
				    uint32_t *ret) hs_must_check;

/** The row that shows the stack of @part of profile @side. */
struct hs_error *row_builder_part(struct row_builder *b, size_t side,
				  const struct heap_part *part,
				  struct row **ret) hs_must_check;

/** Sets what only all stacks together tell of a row: its wrappers. After the
 *  last stack. */
void row_builder_finish(struct row_builder *b);

/** Estimates the changes of all rows, whose counts are of @profiles, as many as
 *  a row has points; what is in no sampled stack becomes a row of its own,
 * whose one frame says so. *ret: heap_changes_release() in any case. */
struct hs_error *
row_builder_estimate(struct row_builder *b,
		     const struct heap_profile *const *profiles,
		     struct heap_changes *ret) hs_must_check;

/** The numbers that options->counts selects, of stack @index of @p or of
 *  @part. */
struct heap_counts row_stack_counts(const struct row_builder *b,
				    const struct heap_profile *p, size_t index);
struct heap_counts row_part_counts(const struct row_builder *b,
				   const struct heap_part *part);

/** Both count allocations, which tells what came in between. */
bool rows_are_followed(const struct heap_profile *before,
		       const struct heap_profile *after);

/** Notes how old what @row has in stack @stack of @p is, the last profile;
 * where rows are of what is in use. */
struct hs_error *row_age(struct rows *rows, const struct row *row,
			 const struct heap_profile *p,
			 uint32_t stack) hs_must_check;

/** Adds what one stack of @row had in snapshot @i. */
void row_count(const struct rows *rows, struct row *row, size_t i,
	       struct heap_counts counts);

/** Adds to @row what came in between by @allocated, what one of its stacks
 *  allocated since the start in the snapshot after or before; if @rows is
 *  tracked. */
void row_follow(const struct rows *rows, struct row *row, bool after,
		const struct heap_counts *allocated);

#endif
