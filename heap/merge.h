/**
 * @file merge.h - merges the profiles of several processes, as of the workers
 * of one service.
 *
 * Stacks of the same code become one, by the identity of diffs (heap/diff.h):
 * build-id, or path, and offset. The addresses of the merged profile are
 * invented, since the processes have their code at different addresses.
 */
#ifndef HEAP_MERGE_H
#define HEAP_MERGE_H

#include "base/error.h"
#include "base/strbuf.h"
#include "heap/profile.h"

/**
 * Merges @profiles[0..n), n >= 1. Names are those of the first profile that has
 * some. Drops threads, whose numbers are unique only within one process. The
 * Objects that a child has inherited from a parent are in the sums once for each
 * process, and marked (heap/inherited.h). The
 * metadata has the values that all share, the latest time, and the sums of
 * jemalloc's numbers. The period is the longest. Release *ret with
 * heap_profile_release(); it is empty after an error.
 */
struct hs_error *heap_merge(const struct heap_profile *const *profiles,
			    size_t n, struct heap_profile *ret) hs_must_check;

/** Appends @p as a dump in jemalloc's format, heap_v2, with its maps. Reading
 *  it returns the numbers of @p, except for rounding to whole samples, and the
 *  modules and locations of @p in their order. */
void heap_merge_dump(struct strbuf *sb, const struct heap_profile *p);

#endif
