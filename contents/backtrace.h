/**
 * @file backtrace.h - the stacks that jemalloc's profiler keeps, read from the
 * memory of a process, each once.
 *
 * A stack (prof_gctx_t) is recognised by what it is: a pointer to the word two
 * behind that pointer, where its addresses are, and their number in between.
 */
#ifndef CONTENTS_BACKTRACE_H
#define CONTENTS_BACKTRACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_index.h"
#include "proc/memory.h"

enum {
	BACKTRACE_DEPTH_MAX = 4096,
	BACKTRACE_PCS_MAX = 1 << 19, /* of all together: 4 MiB */
};

#define BACKTRACE_NONE UINT32_MAX

struct backtrace {
	uint64_t at;	/* where jemalloc has it */
	uint32_t first; /* index in pcs of the leaf */
	uint32_t n;
};

/** What a thread has allocated by a stack. */
struct backtrace_of {
	uint64_t tctx;
	uint32_t trace; /* index in items, or BACKTRACE_NONE */
};

/** Zero-initialised but for the first two. */
struct backtraces {
	struct memory_source memory; /* of the process; borrowed */
	int gctx; /* word of a prof_tctx_t that points to its stack */
	struct backtrace *items; /* owned */
	size_t n, cap;
	uint64_t *pcs; /* owned; as they are in the dump */
	size_t n_pcs, pcs_cap;
	struct backtrace_of *of; /* owned */
	size_t n_of, of_cap;
	struct hash_index by_at, by_tctx;
};

/** *ret is the index of the stack of @tctx, an address in the process.
 *  BACKTRACE_NONE: there is none, it is not in memory, or all together are too
 *  many. */
struct hs_error *backtraces_find(struct backtraces *b, uint64_t tctx,
				 uint32_t *ret) hs_must_check;

void backtraces_release(struct backtraces *b);

#endif
