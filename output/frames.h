/**
 * @file frames.h - expands the locations of profiles to the frames of rows.
 */
#ifndef OUTPUT_FRAMES_H
#define OUTPUT_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "output/looks.h"
#include "output/program.h"
#include "output/rows.h"

/** The frames of a location in rows.frames. */
struct frame_run {
	uint32_t first;
	uint32_t n; /* 0: not expanded yet */
};

/** One of the profiles that rows come from. */
struct frame_side {
	const struct heap_profile *profile; /* borrowed */
	struct frame_run *runs;		    /* owned; by location */
	struct frame_run no_stack;	    /* of the stack without frames */
	/* Number of its address space: profiles of one process share it. Frames
	 * with nothing but an address are the same only within one. */
	uint32_t space;
	struct program program;
};

/** Expands each location once. Zero-initialise, then frame_table_init(). */
struct frame_table {
	struct rows *rows;		    /* borrowed: gets the frames */
	const struct rows_options *options; /* borrowed */
	struct frame_side *sides;	    /* owned */
	size_t n_sides;
	struct hash_index by_appearance; /* of rows.frames, the first of each
					    appearance */
	uint32_t n_keys;
	bool folds;	  /* some frame is the allocator's */
	uint32_t *groups; /* owned; by frame, index of its group's + 1 */
	size_t groups_cap;
	struct looks looks;
};

/** For @profiles[0..n). frame_table_release() in any case. */
struct hs_error *frame_table_init(struct frame_table *t, struct rows *rows,
				  const struct rows_options *options,
				  const struct heap_profile *const *profiles,
				  size_t n) hs_must_check;

void frame_table_release(struct frame_table *t);

/** Expands location @index of profile @side, which is not expanded yet. */
struct hs_error *frame_table_expand_new(struct frame_table *t, size_t side,
					uint32_t index) hs_must_check;

/** Expands all locations of the stacks of profile @side, in their order: its
 *  locations may be gone then. */
struct hs_error *frame_table_expand_all(struct frame_table *t,
					size_t side) hs_must_check;

/** The frame of the stack without frames of profile @side. */
struct hs_error *frame_table_no_stack(struct frame_table *t, size_t side,
				      struct frame_run *ret) hs_must_check;

/** The frames of location @index of profile @side, innermost first; at least
 *  one. */
static inline hs_must_check struct hs_error *
frame_table_expand(struct frame_table *t, size_t side, uint32_t index,
		   struct frame_run *ret)
{
	const struct frame_run *run = &t->sides[side].runs[index];
	struct hs_error *err = NULL;

	if (!run->n)
		err = frame_table_expand_new(t, side, index);
	*ret = *run;
	return err;
}

/** The frame that represents the group of frame @frame, by options->group:
 *  neither ROWS_STACKS nor ROWS_THREADS. */
struct hs_error *frame_table_group(struct frame_table *t, uint32_t frame,
				   uint32_t *ret) hs_must_check;

/** The frame of what has none: @text says so. */
struct hs_error *frame_table_text(struct frame_table *t, const char *text,
				  uint32_t *ret) hs_must_check;

/** The frame that represents thread @thread of profile @side. */
struct hs_error *frame_table_thread(struct frame_table *t, size_t side,
				    uint32_t thread,
				    uint32_t *ret) hs_must_check;

#endif
