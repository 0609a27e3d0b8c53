/**
 * @file holders.h - who holds each region of a heap: the strongest root from
 * which pointers lead to it, by the shortest path; links of rare kinds are
 * followed when all others have been.
 *
 * "Held" is "reachable from": a region that several roots lead to is the first
 * one's alone.
 */
#ifndef CONTENTS_HOLDERS_H
#define CONTENTS_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "contents/graph.h"

/** What a root word holds. */
struct holder_sum {
	uint64_t regions, bytes;
};

struct holders {
	const struct graph *graph; /* borrowed */
	/* Owned, of each region: from where it is reached, a region's number or
	 * HOLDERS_ROOT and the index of graph->from; GRAPH_NONE: it is not. */
	uint32_t *parents;
	uint32_t *roots; /* owned: index of graph->from, or GRAPH_NONE */
	struct holder_sum *sums; /* owned; graph->n_from */
	uint64_t reached;	 /* regions */
};

#define HOLDERS_ROOT (UINT32_C(1) << 31)

/** HS_ERROR_NOMEM. holders_release() in any case. */
struct hs_error *holders_find(const struct graph *graph,
			      struct holders *ret) hs_must_check;

void holders_release(struct holders *holders);

/** Whether a root leads to @region. */
static inline bool holders_reach(const struct holders *h, uint32_t region)
{
	return h->parents[region] != GRAPH_NONE;
}

/** The path to @region, which is reached: the regions between its root and it,
 *  the nearest to it first, at most @max at @ret. Returns how many they are;
 *  *whole is false when there are more. */
size_t holders_path(const struct holders *h, uint32_t region, uint32_t *ret,
		    size_t max, bool *whole);

#endif
