/**
 * @file hints.h - why a profile may tell less than one would like.
 */
#ifndef HEAP_HINTS_H
#define HEAP_HINTS_H

#include <stdint.h>

#include "heap/profile.h"

enum heap_hint_kind {
	HEAP_HINT_NONE,
	/* jemalloc has more than the profile, as each sampled object that is
	 * small has at least 16 KiB of its own (src/prof.c, prof_arena_map). */
	HEAP_HINT_DENSE,
	/* jemalloc has more than the profile, by what was allocated while
	 * profiling was not active, or before a prof.reset. */
	HEAP_HINT_UNSEEN,
	/* Hardly anything of the heap was sampled. */
	HEAP_HINT_COARSE,
};

struct heap_hint {
	enum heap_hint_kind kind;
	int64_t bytes;	  /* that the profile has less than jemalloc */
	uint64_t samples; /* objects that were really sampled */
	int lg_sample;	  /* COARSE: lg_prof_sample for a thousand samples */
};

enum { HEAP_HINTS_MAX = 2 };

/**
 * Fills @ret[0..HEAP_HINTS_MAX) with the hints for @p and tells how many there
 * are. The rule: the profile differs from stats.allocated when it has less by
 * more than 4 standard errors and a tenth of it and 1 MiB; that is for dense
 * sampling where 16 KiB a sample make up for it, else for memory it has not
 * seen. Less than 100 samples are few for a heap of more than 1 MiB.
 */
unsigned heap_hints(const struct heap_profile *p,
		    struct heap_hint ret[HEAP_HINTS_MAX]);

#endif
