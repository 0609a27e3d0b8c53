/**
 * @file prefetch.h - reads many files side by side, before look-ups.
 */
#ifndef SYMBOL_PREFETCH_H
#define SYMBOL_PREFETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/symbolizer.h"

/** Code of one file: @offsets as for symbolizer_lookup(). */
struct symbol_query {
	struct symbol_module *module;
	const uint64_t *offsets;
	size_t n;
};

/** @done of all offsets have been looked up. False: the rest is not wanted. */
typedef bool symbol_progress_fn(void *arg, size_t done);

/**
 * Makes later look-ups of these quick: reads the files they are in, side by
 * side on the cores there are, in threads that give way where the symbolizer is
 * to. No module may be in two queries. Only a matter
 * of speed: errors are those that the look-up will have, too. @progress: called
 * now and then, in this thread; may be NULL.
 */
void symbolizer_prefetch(struct symbolizer *s,
			 const struct symbol_query *queries, size_t n,
			 symbol_progress_fn *progress, void *arg);

#endif
