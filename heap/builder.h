/**
 * @file builder.h - puts a profile together while a dump is read.
 *
 * Internal to heap/. Each stack is given frame by frame, then closed with its
 * counts. A program address is one location however often it occurs, and a
 * stack that comes again adds to the first.
 */
#ifndef HEAP_BUILDER_H
#define HEAP_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/index.h"
#include "heap/profile.h"

struct heap_builder {
	struct heap_profile *profile; /* borrowed */
	struct heap_index by_address; /* of locations */
	struct heap_index by_frames;  /* of stacks */
	size_t first;		      /* frame of the open stack */
};

/** For the empty profile @p, which must outlive it. */
void heap_builder_init(struct heap_builder *b, struct heap_profile *p);

void heap_builder_release(struct heap_builder *b);

#define _cleanup_heap_builder_ __attribute__((cleanup(heap_builder_release)))

/** The next frame, from the leaf on; @address is the one to look up. */
struct hs_error *heap_builder_add_frame(struct heap_builder *b,
					uint64_t address) hs_must_check;

/** Closes the stack of the frames since the last one, which may be none. */
struct hs_error *
heap_builder_close_stack(struct heap_builder *b,
			 const struct heap_counts *inuse) hs_must_check;

/** After the last stack, and when the profile has its maps: sorts the
 *  locations, finds their modules, and sums up. */
struct hs_error *heap_builder_finish(struct heap_builder *b) hs_must_check;

#endif
