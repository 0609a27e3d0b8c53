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
};

/** Reads the files @paths[0..n) by heap_selection_read(); the frames have no
 *  names yet. heap_inputs_release() in any case. */
struct hs_error *heap_inputs_read(struct heap_inputs *inputs,
				  const struct heap_selection *selection,
				  const struct monitor *monitor,
				  const char *const *paths,
				  size_t n) hs_must_check;

void heap_inputs_release(struct heap_inputs *inputs);

#endif
