/**
 * @file tree_columns.h - the threads of a call tree's nodes.
 */
#ifndef OUTPUT_TREE_COLUMNS_H
#define OUTPUT_TREE_COLUMNS_H

#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "output/tree.h"

/** Threads that allocated or freed the changed memory of a node and those below
 *  it; in a report of one snapshot the live memory. */
struct tree_threads {
	uint32_t *count; /* owned; by node */
	uint32_t *one;	 /* owned; by node: one of them, in columns.threads */
};

/** Computes the threads of @t, whose rows have columns. Call
 *  tree_threads_release() in any case. */
struct hs_error *tree_threads_find(struct tree_threads *threads,
				   const struct tree *t) hs_must_check;

void tree_threads_release(struct tree_threads *threads);

/** Appends "my worker (t1)" or "3 threads", or nothing. Not escaped. */
void tree_threads_add(struct strbuf *sb, const struct tree_threads *threads,
		      const struct tree *t, uint32_t node);

#endif
