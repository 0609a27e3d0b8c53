/**
 * @file frames.h - from the locations of profiles to the frames of rows.
 */
#ifndef OUTPUT_FRAMES_H
#define OUTPUT_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "output/rows.h"

/** Where the frames of a location are in rows.frames. */
struct frame_run {
	uint32_t first;
	uint32_t n; /* 0: not expanded yet */
};

/** Expands each location once. Zero-initialise, then frame_table_init(). */
struct frame_table {
	struct rows *rows;		    /* borrowed: gets the frames */
	const struct rows_options *options; /* borrowed */
	struct frame_run *runs[2]; /* owned; of before, of after, by location */
	uint32_t *slots; /* owned; frames by what they look like: index + 1 */
	size_t n_slots;	 /* a power of two, or 0 */
	uint32_t n_keys;
	struct strbuf text; /* scratch: demangled names */
};

/** @rows has its profiles set. frame_table_release() in any case. */
struct hs_error *
frame_table_init(struct frame_table *t, struct rows *rows,
		 const struct rows_options *options) hs_must_check;

void frame_table_release(struct frame_table *t);

/** The frames of location @index of profile @side (0: before, 1: after),
 *  innermost first; at least one. */
struct hs_error *frame_table_expand(struct frame_table *t, int side,
				    uint32_t index,
				    struct frame_run *ret) hs_must_check;

#endif
