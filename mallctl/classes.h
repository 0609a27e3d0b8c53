/**
 * @file classes.h - jemalloc's numbers by size of regions and by arena, of all
 * versions since 3.
 *
 * A value costs one call of some ten microseconds on the helper thread, which
 * keeps nobody waiting; jemalloc itself takes them from a copy that "epoch"
 * made.
 */
#ifndef MALLCTL_CLASSES_H
#define MALLCTL_CLASSES_H

#include "base/error.h"
#include "heap/stats.h"
#include "mallctl/mallctl.h"

/** The index of all arenas together since jemalloc 5.0, as its own header
 *  (jemalloc_macros.h.in) calls it. */
enum { MALLCTL_ARENAS_ALL = 4096 };

/** The index behind "stats.arenas." that stands for all arenas together;
 *  *known is false when there is none (built without statistics). */
struct hs_error *classes_merged_index(struct session *s, uint64_t *ret,
				      bool *known) hs_must_check;

/** Adds the size classes of arena @arena that have regions or slabs. */
struct hs_error *classes_read(struct session *s, uint64_t arena,
			      struct heap_stats *ret) hs_must_check;

/** Adds the arenas that are in use. */
struct hs_error *arenas_read(struct session *s,
			     struct heap_stats *ret) hs_must_check;

#endif
