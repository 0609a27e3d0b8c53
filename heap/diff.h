/**
 * @file diff.h - what changed between two profiles.
 *
 * Stacks are the same when all their frames are: same module (build-id, or
 * path when one side has none) and same file offset. Never by address, so a
 * restart and ASLR do not matter.
 */
#ifndef HEAP_DIFF_H
#define HEAP_DIFF_H

#include "base/error.h"
#include "heap/profile.h"

struct heap_diff_stack {
	uint32_t before; /* index in before->stacks, HEAP_NO_STACK: new */
	uint32_t after;	 /* index in after->stacks, HEAP_NO_STACK: gone */
};

enum { HEAP_NO_STACK = UINT32_MAX };

struct heap_diff {
	const struct heap_profile *before, *after; /* borrowed */
	struct heap_diff_stack *stacks; /* owned; each stack of either side is
					   in exactly one */
	size_t n_stacks, stacks_cap;
};

/** Pairs the stacks of two profiles, which must outlive *ret.
 *  heap_diff_release(). */
struct hs_error *heap_diff(const struct heap_profile *before,
			   const struct heap_profile *after,
			   struct heap_diff *ret) hs_must_check;

void heap_diff_release(struct heap_diff *diff);

#endif
