/**
 * @file tree.h - a tree of stacks that share their outermost frames.
 */
#ifndef OUTPUT_TREE_H
#define OUTPUT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_index.h"
#include "output/formats.h"
#include "output/label.h"
#include "output/rows.h"

#define TREE_NONE UINT32_MAX

/** A function, as called from its parent; node 0 is the whole. */
struct tree_node {
	uint32_t frame; /* index in rows.frames, of the first of its kind */
	uint32_t id;	/* the id of its frames */
	uint32_t parent, first_child, next; /* TREE_NONE: none */
	uint32_t depth : 31;		    /* of node 0: 0 */
	bool many_lines : 1;  /* its frames have more than one line */
	struct measure total; /* including its callees */
	int64_t self;	      /* the change, excluding them */
	double variance;      /* of the change of total */
	int64_t weight;	      /* magnitudes of the changes of its stacks */
	int64_t most; /* its stacks before or after, whichever is more */
};

/** Zero-initialise. */
struct tree {
	const struct rows *rows; /* borrowed */
	struct tree_node *nodes; /* owned; parents before their children */
	size_t n, cap;
	struct hash_index children; /* of nodes but 0, by parent and id */
	uint32_t *leaf;		    /* owned; by row: its innermost node */
	size_t n_rows;		    /* the first rows, as many as are in it */
};

/** How far inwards the stacks go. */
enum tree_leaf {
	TREE_CALLERS, /* to the one who is responsible: row_title() */
	TREE_WRAPPERS /* to the leaf */
};

/** Builds the tree of the first @end of @rows. @ids: of the frames, by index in
 *  rows.frames; frames of the same id and parent are one node. @sort is the
 *  measure. Call tree_release() in any case. */
struct hs_error *tree_build(struct tree *t, const struct rows *rows, size_t end,
			    const uint32_t *ids, enum rows_sort sort,
			    enum tree_leaf leaf) hs_must_check;

void tree_release(struct tree *t);

#define _cleanup_tree_ __attribute__((cleanup(tree_release)))

/** Sorts the children of each node: @compare as of qsort(3). */
struct hs_error *
tree_sort(struct tree *t,
	  int (*compare)(const struct tree_node *a,
			 const struct tree_node *b)) hs_must_check;

#endif
