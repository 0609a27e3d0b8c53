/**
 * @file frames.h - the frames at an address: functions and lines.
 */
#ifndef SYMBOL_FRAMES_H
#define SYMBOL_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** One source-level frame of an address. */
struct symbol_frame {
	const char *function; /* linkage name where there is one (mangled);
				 NULL: unknown */
	const char *file;     /* as the line table has it, made absolute with
				 the unit's directory; NULL: unknown */
	uint32_t line;	      /* 0: unknown */
	bool inlined;	      /* inlined into the frame after it */
};

/** Innermost first; the last one is not inlined. Strings are the
 *  symbolizer's. n is 0 when nothing is known. */
struct symbol_frames {
	const struct symbol_frame *items; /* valid until the next look-up in
					     that module */
	size_t n;
};

/** A list of frames that is used again and again. */
struct frame_list {
	struct symbol_frame *items; /* owned */
	size_t n, cap;
};

void frame_list_release(struct frame_list *list);
struct hs_error *frame_list_add(struct frame_list *list,
				struct symbol_frame frame) hs_must_check;

#endif
