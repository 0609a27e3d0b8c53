/**
 * @file series.h - snapshots one after the other, of a process or of several.
 */
#ifndef SNAP_SERIES_H
#define SNAP_SERIES_H

#include <stddef.h>

#include "base/error.h"
#include "cli/options.h"
#include "heap/profile.h"

/** Zero-initialised is an empty one. */
struct series {
	struct heap_profile *profiles; /* owned; in the order of time */
	size_t n, cap;
};

void series_release(struct series *s);

/** Appends *profile, which is empty then. */
struct hs_error *series_add(struct series *s,
			    struct heap_profile *profile) hs_must_check;

/** The last one that was added. */
const struct heap_profile *series_last(const struct series *s);

/** Reports what one alone holds, or what changed between several. */
struct hs_error *series_report(const struct series *s,
			       const struct cli_options *o) hs_must_check;

#endif
