/**
 * @file inputs.h - reads the profiles that are compared, merged or shown.
 */
#ifndef HEAP_INPUTS_H
#define HEAP_INPUTS_H

#include <stddef.h>

#include "base/error.h"
#include "base/monitor.h"
#include "heap/profile.h"
#include "heap/selection.h"

/** Zero-initialised is an empty one. */
struct heap_inputs {
	struct heap_profile *profiles;	   /* owned; in the order given */
	const struct heap_profile **order; /* owned; the same, may be sorted */
	size_t n;
	const char *const *paths; /* borrowed */
	int *fds;		  /* owned; -1: to be opened when it is read */
};

/** Opens the first 512 of @paths[0..n), borrowed, that are regular files: the
 *  right to do so may be given up before they are read. The others are not: who
 *  writes to a FIFO may wait until the one before it was read.
 *  heap_inputs_release() in any case. */
struct hs_error *heap_inputs_open(struct heap_inputs *inputs,
				  const char *const *paths,
				  size_t n) hs_must_check;

/** Reads what heap_inputs_open() has opened, by heap_selection_read(); the
 *  frames have no names yet. */
struct hs_error *heap_inputs_read(struct heap_inputs *inputs,
				  const struct heap_selection *selection,
				  const struct monitor *monitor) hs_must_check;

void heap_inputs_release(struct heap_inputs *inputs);

#endif
