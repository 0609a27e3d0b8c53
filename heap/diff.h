/**
 * @file diff.h - pairs the stacks of two profiles.
 *
 * Two stacks are the same when all their frames have the same module (build-id,
 * or path when one side has none) and the same file offset. Addresses do not
 * count, so a restart and ASLR do not matter. Code without such an identity
 * (JIT code, or in no known mapping) is identified by its address within the
 * same process, and is never the same in another one.
 */
#ifndef HEAP_DIFF_H
#define HEAP_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/profile.h"

struct heap_diff_stack {
	uint32_t before; /* index in before->stacks, HEAP_NO_STACK: new */
	uint32_t after;	 /* index in after->stacks, HEAP_NO_STACK: gone */
};

#define HEAP_NO_STACK UINT32_MAX

struct heap_diff {
	const struct heap_profile *before, *after; /* borrowed */
	/* Owned. Each stack of either side is in exactly one pair: those of
	 * after in their order, then those that are gone. */
	struct heap_diff_stack *stacks;
	size_t n_stacks, stacks_cap;
};

/** Pairs the stacks of two profiles, which must outlive *ret.
 *  heap_diff_release(). */
struct hs_error *heap_diff(const struct heap_profile *before,
			   const struct heap_profile *after,
			   struct heap_diff *ret) hs_must_check;

void heap_diff_release(struct heap_diff *diff);

/** Offsets in @m mean the same in another process: it is a file, or the
 *  kernel's. */
bool heap_module_has_identity(const struct heap_module *m);

/** @other has another build of @m: a module of the same name with another
 *  build-id, and none with the same one. */
bool heap_module_is_rebuilt(const struct heap_module *m,
			    const struct heap_profile *other);

/** Addresses mean the same in both: both are of one process. */
bool heap_same_address_space(const struct heap_profile *a,
			     const struct heap_profile *b);

#endif
