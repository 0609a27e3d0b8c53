/**
 * @file answers.h - the frames of addresses that were looked up.
 */
#ifndef SYMBOL_CACHE_ANSWERS_H
#define SYMBOL_CACHE_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_index.h"
#include "symbol/frames.h"

struct answer {
	uint64_t offset; /* in the file */
	uint32_t first;	 /* of frames */
	uint32_t n;	 /* 0: nothing is known of it */
};

/** Zero-initialised is an empty one. */
struct answers {
	struct answer *items; /* owned */
	size_t n, cap;
	struct symbol_frame *frames; /* owned; their strings are borrowed */
	size_t n_frames, frames_cap;
	struct hash_index index; /* of items, by offset */
};

/** NULL: there is none. Valid until the next one is added. */
const struct answer *answers_find(const struct answers *a, uint64_t offset);

/** Adds one that is not there. */
struct hs_error *answers_add(struct answers *a, uint64_t offset,
			     const struct symbol_frame *frames,
			     size_t n) hs_must_check;

void answers_release(struct answers *a);

#endif
