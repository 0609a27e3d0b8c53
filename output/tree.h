/**
 * @file tree.h - a tree of stacks that share their outermost frames.
 */
#ifndef OUTPUT_TREE_H
#define OUTPUT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "output/rows.h"

#define TREE_NONE UINT32_MAX

/** A function, as called from its parent; node 0 is the whole. There may be
 *  millions. */
struct tree_node {
	uint32_t frame;	 /* index in rows.frames, of the first of its kind */
	uint32_t parent; /* TREE_NONE: none */
	/* After tree_sort() its next sibling, or TREE_NONE; until then the next
	 * in its chain of the table that finds nodes, + 1. */
	uint32_t next;
	uint32_t depth : 31; /* of node 0: 0 */
	bool many_lines : 1; /* its frames have more than one line */
};

/** Zero-initialise. */
struct tree {
	const struct rows *rows; /* borrowed */
	const uint32_t *ids;	 /* borrowed, may be NULL: tree_id() */
	struct tree_node *nodes; /* owned; parents before their children */
	size_t n, cap;
	uint32_t *leaf; /* owned; by row: its innermost node */
	size_t n_rows;	/* the first rows, as many as are in it */
	/* Owned; by node, of tree_sort(). TREE_NONE: none */
	uint32_t *first_child;
	/* Owned; by node, of tree_count(): of its stacks, */
	int64_t *change;
	int64_t *before;  /* NULL: nothing, in a report of one snapshot */
	double *variance; /* of the change; NULL there, too */
	int64_t *weight;  /* magnitudes of the changes; NULL: the change, as no
			     stack shrank */
	int64_t *most;	  /* before or after, whichever is more; NULL: the
			     change, or not wanted */
	/* Owned; while nodes are made: the first of each chain, + 1 */
	uint32_t *chains;
	size_t n_chains; /* a power of 2 */
};

/** How far inwards the stacks go. */
enum tree_leaf {
	TREE_CALLERS, /* to the one who is responsible: row_title() */
	TREE_WRAPPERS /* to the leaf */
};

/** Makes the nodes for the first @end of @rows. @ids: of the frames, by index
 * in rows.frames, valid as long as the tree is; NULL: their keys. Frames of the
 *  same id and parent are one node. Call tree_release() in any case. */
struct hs_error *tree_build(struct tree *t, const struct rows *rows, size_t end,
			    const uint32_t *ids,
			    enum tree_leaf leaf) hs_must_check;

void tree_release(struct tree *t);

#define _cleanup_tree_ __attribute__((cleanup(tree_release)))

/** Adds up the numbers of the nodes, by the measure @sort. @most: that one,
 *  too. */
struct hs_error *tree_count(struct tree *t, enum rows_sort sort,
			    bool most) hs_must_check;

/** Which of two nodes comes first, as of qsort(3). */
typedef int tree_compare_fn(const struct tree *t, uint32_t a, uint32_t b);

/** Links the children of each node, sorted by @compare. Once, after
 *  tree_count(). */
struct hs_error *tree_sort(struct tree *t,
			   tree_compare_fn *compare) hs_must_check;

/** The id of @frame. */
static inline uint32_t tree_id(const struct tree *t, uint32_t frame)
{
	return t->ids ? t->ids[frame] : t->rows->frames[frame].key;
}

/** What the stacks of @node have after. */
static inline int64_t tree_after(const struct tree *t, uint32_t node)
{
	return t->change[node] + (t->before ? t->before[node] : 0);
}

static inline int64_t tree_weight(const struct tree *t, uint32_t node)
{
	return t->weight ? t->weight[node] : t->change[node];
}

static inline int64_t tree_most(const struct tree *t, uint32_t node)
{
	return t->most ? t->most[node] : t->change[node];
}

/** The change of the stacks that end at @node; after tree_sort(). */
int64_t tree_self(const struct tree *t, uint32_t node);

#endif
