/**
 * @file merge.h - several processes as one: the workers of one service.
 *
 * Stacks of the same code are one, as in diffs (heap/diff.h): by build-id, or
 * path, and offset. The addresses of the merged profile are made up, since the
 * processes have their code in different places.
 */
#ifndef HEAP_MERGE_H
#define HEAP_MERGE_H

#include "base/error.h"
#include "base/strbuf.h"
#include "heap/profile.h"

/**
 * What @profiles[0..n), n >= 1, hold together. Names are those of the first
 * profile that has some. Threads are not kept: their numbers are of one process
 * each. Of the origin: what all have in common, the latest time, and the sums
 * of jemalloc's numbers. The period is the longest. *ret:
 * heap_profile_release(); it is empty after an error.
 */
struct hs_error *heap_merge(const struct heap_profile *const *profiles,
			    size_t n, struct heap_profile *ret) hs_must_check;

/** Appends @p as a dump in jemalloc's format, heap_v2, with its maps: reading
 *  it gives the numbers of @p, but for rounding to whole samples, and the
 *  modules and locations of @p in their order. */
void heap_merge_dump(struct strbuf *sb, const struct heap_profile *p);

#endif
