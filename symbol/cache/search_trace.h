/**
 * @file search_trace.h - which files a search for debug files tried, and what
 * lay there.
 *
 * What the symbolizer says of an address depends on one ELF file and on these:
 * while all of them are as they were, and are not there where they were not, a
 * new search would end at the same files, and say the same.
 */
#ifndef SYMBOL_CACHE_SEARCH_TRACE_H
#define SYMBOL_CACHE_SEARCH_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/cache/file_stamp.h"

enum { SEARCH_STEPS_MAX = 1024 };

struct search_step {
	uint8_t where; /* enum debug_root; DEBUG_ROOTS: the servers */
	char *path;    /* owned; of the servers: the build-id */
	struct file_stamp stamp;
};

/** Zero-initialised is an empty one. */
struct search_trace {
	struct search_step *items; /* owned */
	size_t n, cap;
	/* What was found may be read in another way the next time: nothing of
	 * it is to be kept. */
	bool unsure;
};

/** Adds a step, unless it is there. More than SEARCH_STEPS_MAX, one that found
 *  something else before, or no memory for it: @t is unsure. @t may be NULL. */
void search_trace_add(struct search_trace *t, unsigned where, const char *path,
		      struct file_stamp stamp);

/** @t may be NULL. */
void search_trace_set_unsure(struct search_trace *t);

void search_trace_release(struct search_trace *t);

#endif
