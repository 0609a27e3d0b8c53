/**
 * @file hints.h - why a profile may tell less than one would like.
 */
#ifndef HEAP_HINTS_H
#define HEAP_HINTS_H

#include <stdint.h>

#include "heap/profile.h"
#include "heap/runtime.h"

enum heap_hint_kind {
	HEAP_HINT_NONE,
	/* jemalloc counts more than the profile because each small sampled
	 * object occupies at least 16 KiB of its own (src/prof.c,
	 * prof_arena_map). */
	HEAP_HINT_DENSE,
	/* jemalloc counts more than the profile: memory allocated while
	 * profiling was not active, or before a prof.reset. */
	HEAP_HINT_UNSEEN,
	/* The profile has more than jemalloc counts. */
	HEAP_HINT_MORE,
	/* Hardly any of the heap was sampled. */
	HEAP_HINT_COARSE,
	/* The functions of a language have no names. */
	HEAP_HINT_RUNTIME,
};

struct heap_hint {
	enum heap_hint_kind kind;
	int64_t bytes;	  /* that the profile lacks; negative: has too many */
	uint64_t samples; /* objects that were really sampled */
	int lg_sample;	  /* COARSE: lg_prof_sample for a thousand samples */
	struct heap_runtime_finding runtime; /* RUNTIME */
};

enum { HEAP_HINTS_MAX = 3 };

/**
 * Fills @ret[0..HEAP_HINTS_MAX) with the hints for @p; returns their number.
 * The rule: the profile differs from stats.allocated when it is below or above
 * it by more than 4 standard errors and a tenth of it and 1 MiB. Where it is
 * below, dense sampling is the reason if without 16 KiB a sample it would not
 * be, else memory that was not seen. Fewer than 100 samples are few for
 * a heap of more than 1 MiB. Of names: see heap/runtime.h.
 */
unsigned heap_hints(const struct heap_profile *p,
		    struct heap_hint ret[HEAP_HINTS_MAX]);

#endif
