/**
 * @file classes.h - reads jemalloc's statistics by size class and by arena, for
 * all versions since 3.
 *
 * Each value costs one call of some ten microseconds on the helper thread,
 * which holds up no other thread; jemalloc reads the values from a copy that
 * "epoch" made.
 */
#ifndef MALLCTL_CLASSES_H
#define MALLCTL_CLASSES_H

#include "base/error.h"
#include "heap/stats.h"
#include "mallctl/mallctl.h"

/** The index of all arenas together since jemalloc 5.0; the name is that of its
 *  own header (jemalloc_macros.h.in). */
enum { MALLCTL_ARENAS_ALL = 4096 };

/** The index behind "stats.arenas." that stands for all arenas together;
 *  *known is false when there is none (built without statistics). */
struct hs_error *classes_merged_index(struct session *s, uint64_t *ret,
				      bool *known) hs_must_check;

/** Adds the size classes of arena @arena that have regions or slabs. */
struct hs_error *classes_read(struct session *s, uint64_t arena,
			      struct heap_stats *ret) hs_must_check;

/** Counts the regions of all arenas together, by size class, as of the last
 *  "epoch", for @meta->class_counts; none when it has no statistics. */
struct hs_error *classes_count(struct session *s,
			       struct heap_meta *meta) hs_must_check;

/** Adds the arenas that are in use. */
struct hs_error *arenas_read(struct session *s,
			     struct heap_stats *ret) hs_must_check;

#endif
