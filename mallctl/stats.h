/**
 * @file stats.h - reads jemalloc's statistics and what the memory of the
 * process is used for; works without profiling.
 */
#ifndef MALLCTL_STATS_H
#define MALLCTL_STATS_H

#include <stdbool.h>

#include "base/deadline.h"
#include "base/error.h"
#include "heap/stats.h"
#include "mallctl/session.h"
#include "proc/identity.h"

struct stats_options {
	struct session_options session;
	bool arenas; /* also each arena by itself */
};

/** Reads the statistics of process @id. @ret is initialised, and the caller's
 *  also after an error. HS_ERROR_UNPROFILED when its jemalloc was built without
 *  statistics; else as session_open(). */
struct hs_error *stats_take(const struct identity *id,
			    const struct stats_options *options,
			    const struct deadline *d,
			    struct heap_stats *ret) hs_must_check;

/** Has jemalloc note its counters as they are now, for stats_read_classes(). */
struct hs_error *stats_refresh(struct session *s) hs_must_check;

/** Reads the counters of the size classes as they were at the last
 *  stats_refresh(): o->class_counts. */
struct hs_error *stats_read_classes(struct session *s,
				    struct heap_meta *o) hs_must_check;

/** Reads only the numbers of the memory breakdown: jemalloc's, unless
 *  @no_stats, and the kernel's; @beside_others: also its share in what it has
 *  together with other processes. Numbers that the kernel does not have are no
 *  error. @o is initialised. */
struct hs_error *stats_read_memory(struct session *s, bool no_stats,
				   bool beside_others,
				   struct heap_meta *o) hs_must_check;

#endif
