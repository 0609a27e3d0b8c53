#include "output/tree.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/units.h"

void tree_release(struct tree *t)
{
	free(t->nodes);
	hash_index_release(&t->children);
	free(t->leaf);
	*t = (struct tree){ 0 };
}

static struct hs_error *add_node(struct tree *t, uint32_t parent, uint32_t id,
				 uint32_t frame)
{
	struct tree_node *node;

	if (!ARRAY_GROW(t->nodes, t->cap, t->n + 1) || t->n >= TREE_NONE - 1)
		return hs_error_nomem();
	node = &t->nodes[t->n++];
	*node = (struct tree_node){
		.frame = frame,
		.id = id,
		.parent = parent,
		.first_child = TREE_NONE,
		.next = TREE_NONE,
	};
	if (parent != TREE_NONE) {
		node->depth = (t->nodes[parent].depth + 1) & INT32_MAX;
		node->next = t->nodes[parent].first_child;
		t->nodes[parent].first_child = (uint32_t)t->n - 1;
	}
	return NULL;
}

static struct hs_error *find_child(struct tree *t, uint32_t parent, uint32_t id,
				   uint32_t frame, uint32_t *ret)
{
	const struct hash h = hash_mix(hash_index_begin(&t->children), parent);
	const uint64_t hash = hash_mix(h, id).value;
	struct hash_index_walk walk = { 0 };
	const struct tree_node *node;
	struct hs_error *err;

	while (hash_index_next(&t->children, hash, &walk)) {
		node = &t->nodes[walk.value];
		if (node->parent == parent && node->id == id) {
			*ret = walk.value;
			return NULL;
		}
	}
	*ret = (uint32_t)t->n;
	err = add_node(t, parent, id, frame);
	return err ? err : hash_index_add(&t->children, hash, *ret);
}

static void note_line(const struct tree *t, struct tree_node *node,
		      uint32_t frame)
{
	const struct row_frame *frames = t->rows->frames;

	node->many_lines |= frames[frame].look->line !=
			    frames[node->frame].look->line;
}

static void count(struct tree_node *node, struct measure m, double variance)
{
	int64_t change = measure_change(m);

	node->total.before += m.before;
	node->total.after += m.after;
	node->variance += variance;
	node->weight += (int64_t)magnitude(change);
	node->most += m.before > m.after ? m.before : m.after;
}

static struct hs_error *add_row(struct tree *t, size_t number,
				const uint32_t *ids, enum rows_sort sort,
				enum tree_leaf leaf)
{
	const struct row *row = &t->rows->items[number];
	struct measure m = measure_of(t->rows, row, sort);
	/* The number of objects has no error estimate. */
	double variance = sort == ROWS_BY_BYTES ? row->error * row->error : 0;
	struct hs_error *err;
	const uint32_t end = leaf == TREE_CALLERS ? row->wrappers : 0;
	uint32_t at = 0, i, frame;

	count(&t->nodes[0], m, variance);
	for (i = row->depth; i-- > end;) {
		frame = t->rows->stack[row->first + i];
		err = find_child(t, at, ids[frame], frame, &at);
		if (err)
			return err;
		note_line(t, &t->nodes[at], frame);
		count(&t->nodes[at], m, variance);
	}
	t->nodes[at].self += measure_change(m);
	t->leaf[number] = at;
	return NULL;
}

struct hs_error *tree_build(struct tree *t, const struct rows *rows, size_t end,
			    const uint32_t *ids, enum rows_sort sort,
			    enum tree_leaf leaf)
{
	struct hs_error *err;
	size_t i;

	t->rows = rows;
	t->n_rows = end;
	t->leaf = calloc(end + 1, sizeof(*t->leaf));
	if (!t->leaf)
		return hs_error_nomem();
	err = add_node(t, TREE_NONE, 0, 0);
	for (i = 0; !err && i < end; i++)
		err = add_row(t, i, ids, sort, leaf);
	return err;
}

struct order {
	const struct tree *tree;
	int (*compare)(const struct tree_node *a, const struct tree_node *b);
};

static int compare_nodes(const void *x, const void *y, void *arg)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	const struct order *o = arg;
	int c = o->compare(&o->tree->nodes[a], &o->tree->nodes[b]);

	return c ? c : a < b ? -1 : a > b;
}

struct hs_error *tree_sort(struct tree *t,
			   int (*compare)(const struct tree_node *a,
					  const struct tree_node *b))
{
	struct order order = { .tree = t, .compare = compare };
	_cleanup_free_ uint32_t *list = NULL;
	size_t i, n, k, cap = 0;
	uint32_t child;

	for (i = 0; i < t->n; i++) {
		n = 0;
		for (child = t->nodes[i].first_child; child != TREE_NONE;
		     child = t->nodes[child].next) {
			if (!ARRAY_GROW(list, cap, n + 1))
				return hs_error_nomem();
			list[n++] = child;
		}
		if (n == 0)
			continue;
		qsort_r(list, n, sizeof(*list), compare_nodes, &order);
		t->nodes[i].first_child = list[0];
		for (k = 0; k < n; k++)
			t->nodes[list[k]].next = k + 1 < n ? list[k + 1]
							   : TREE_NONE;
	}
	return NULL;
}
