/**
 * @file tree_columns.h - which threads the nodes of a call tree are of.
 */
#ifndef OUTPUT_TREE_COLUMNS_H
#define OUTPUT_TREE_COLUMNS_H

#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "output/tree.h"

/** Threads that allocated, or freed, what changed in a node and below it; in a
 *  report of one snapshot: what is live. */
struct tree_threads {
	uint32_t *count; /* owned; by node */
	uint32_t *one;	 /* owned; by node: one of them, in extras.threads */
};

/** Of @t, whose rows have extras. tree_threads_release() in any case. */
struct hs_error *tree_threads_find(struct tree_threads *threads,
				   const struct tree *t) hs_must_check;

void tree_threads_release(struct tree_threads *threads);

/** Appends "my worker (t1)" or "3 threads", or nothing. Not escaped. */
void tree_threads_add(struct strbuf *sb, const struct tree_threads *threads,
		      const struct tree *t, uint32_t node);

#endif
