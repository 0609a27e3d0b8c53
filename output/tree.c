#include "output/tree.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/units.h"
#include "output/formats.h"

void tree_release(struct tree *t)
{
	free(t->nodes);
	free(t->leaf);
	free(t->first_child);
	free(t->change);
	free(t->before);
	free(t->variance);
	free(t->weight);
	free(t->most);
	free(t->chains);
	*t = (struct tree){ 0 };
}

/* The chain of the nodes like the one of @parent and @id. */
static uint32_t *chain_of(const struct tree *t, struct hash begin,
			  uint32_t parent, uint32_t id)
{
	const uint64_t hash = hash_mix_two(begin, parent, id).value;

	return &t->chains[hash & (t->n_chains - 1)];
}

static void chain(struct tree *t, uint32_t *first, uint32_t node)
{
	t->nodes[node].next = *first;
	*first = node + 1;
}

/* Makes room for a node, and at least a chain for each. The table is made anew
 * of the nodes, so that there are never two. */
static struct hs_error *grow(struct tree *t, struct hash begin)
{
	const size_t more = t->n_chains ? 2 * t->n_chains : 1024;
	const struct tree_node *node;
	size_t i;

	if (!ARRAY_GROW(t->nodes, t->cap, t->n + 1) || t->n >= TREE_NONE - 1)
		return hs_error_nomem();
	if (t->n < t->n_chains)
		return NULL;
	free(t->chains);
	t->chains = calloc(more, sizeof(*t->chains));
	if (!t->chains)
		return hs_error_nomem();
	t->n_chains = more;
	for (i = 1; i < t->n; i++) {
		node = &t->nodes[i];
		chain(t,
		      chain_of(t, begin, node->parent, tree_id(t, node->frame)),
		      (uint32_t)i);
	}
	return NULL;
}

static struct hs_error *find_child(struct tree *t, struct hash begin,
				   uint32_t parent, uint32_t frame,
				   uint32_t *ret)
{
	const uint32_t id = tree_id(t, frame);
	struct tree_node *node;
	struct hs_error *err;
	uint32_t at;

	for (at = *chain_of(t, begin, parent, id); at; at = node->next) {
		node = &t->nodes[at - 1];
		if (node->parent == parent && tree_id(t, node->frame) == id) {
			*ret = at - 1;
			return NULL;
		}
	}
	err = grow(t, begin);
	if (err)
		return err;
	*ret = (uint32_t)t->n++;
	t->nodes[*ret] = (struct tree_node){
		.frame = frame,
		.parent = parent,
		.depth = (t->nodes[parent].depth + 1) & INT32_MAX,
	};
	chain(t, chain_of(t, begin, parent, id), *ret);
	return NULL;
}

static void note_line(const struct tree *t, struct tree_node *node,
		      uint32_t frame)
{
	const struct row_frame *frames = t->rows->frames;

	if (node->frame != frame)
		node->many_lines |= frames[frame].look->line !=
				    frames[node->frame].look->line;
}

static struct hs_error *add_row(struct tree *t, struct hash begin,
				size_t number, enum tree_leaf leaf)
{
	const struct row *row = &t->rows->items[number];
	const uint32_t *stack = t->rows->stack + row->first;
	const uint32_t end = leaf == TREE_CALLERS ? row->wrappers : 0;
	struct hs_error *err;
	uint32_t at = 0, i;

	for (i = row->depth; i-- > end;) {
		err = find_child(t, begin, at, stack[i], &at);
		if (err)
			return err;
		note_line(t, &t->nodes[at], stack[i]);
	}
	t->leaf[number] = at;
	return NULL;
}

struct hs_error *tree_build(struct tree *t, const struct rows *rows, size_t end,
			    const uint32_t *ids, enum tree_leaf leaf)
{
	const struct hash begin = hash_begin();
	struct hs_error *err;
	size_t i;

	t->rows = rows;
	t->ids = ids;
	t->n_rows = end;
	t->leaf = calloc(end + 1, sizeof(*t->leaf));
	if (!t->leaf)
		return hs_error_nomem();
	err = grow(t, begin);
	if (err)
		return err;
	t->nodes[t->n++] = (struct tree_node){ .parent = TREE_NONE };
	for (i = 0; !err && i < end; i++)
		err = add_row(t, begin, i, leaf);
	free(t->chains);
	t->chains = NULL;
	t->n_chains = 0;
	return err;
}

static bool any_shrank(const struct tree *t, enum rows_sort sort)
{
	size_t i;

	for (i = 0; i < t->n_rows; i++)
		if (measure_change(
			    measure_of(t->rows, &t->rows->items[i], sort)) < 0)
			return true;
	return false;
}

/* false: no memory. */
static bool make_numbers(struct tree *t, enum rows_sort sort, bool most)
{
	const bool shrank = any_shrank(t, sort), diff = t->rows->before;

	t->change = calloc(t->n, sizeof(*t->change));
	if (diff)
		t->before = calloc(t->n, sizeof(*t->before));
	if (diff)
		t->variance = calloc(t->n, sizeof(*t->variance));
	if (shrank)
		t->weight = calloc(t->n, sizeof(*t->weight));
	if (most && (shrank || diff))
		t->most = calloc(t->n, sizeof(*t->most));
	return t->change && !t->before == !diff && !t->variance == !diff &&
	       !t->weight == !shrank && !t->most == !(most && (shrank || diff));
}

static void count(struct tree *t, uint32_t node, struct measure m,
		  double variance)
{
	const int64_t change = measure_change(m);

	t->change[node] += change;
	if (t->before)
		t->before[node] += m.before;
	if (t->variance)
		t->variance[node] += variance;
	if (t->weight)
		t->weight[node] += (int64_t)magnitude(change);
	if (t->most)
		t->most[node] += m.before > m.after ? m.before : m.after;
}

struct hs_error *tree_count(struct tree *t, enum rows_sort sort, bool most)
{
	const struct row *row;
	struct measure m;
	double variance;
	uint32_t node;
	size_t i;

	if (!make_numbers(t, sort, most))
		return hs_error_nomem();
	for (i = 0; i < t->n_rows; i++) {
		row = &t->rows->items[i];
		m = measure_of(t->rows, row, sort);
		/* The number of objects has no error estimate. */
		variance = sort == ROWS_BY_BYTES ? row->error * row->error : 0;
		for (node = t->leaf[i]; node != TREE_NONE;
		     node = t->nodes[node].parent)
			count(t, node, m, variance);
	}
	return NULL;
}

int64_t tree_self(const struct tree *t, uint32_t node)
{
	int64_t self = t->change[node];
	uint32_t child;

	for (child = t->first_child[node]; child != TREE_NONE;
	     child = t->nodes[child].next)
		self -= t->change[child];
	return self;
}

static struct hs_error *link_children(struct tree *t)
{
	struct tree_node *node;
	size_t i;

	t->first_child = malloc(t->n * sizeof(*t->first_child));
	if (!t->first_child)
		return hs_error_nomem();
	for (i = 0; i < t->n; i++)
		t->first_child[i] = TREE_NONE;
	t->nodes[0].next = TREE_NONE;
	for (i = t->n; --i;) {
		node = &t->nodes[i];
		node->next = t->first_child[node->parent];
		t->first_child[node->parent] = (uint32_t)i;
	}
	return NULL;
}

struct order {
	const struct tree *tree;
	tree_compare_fn *compare;
};

static int compare_nodes(const void *x, const void *y, void *arg)
{
	const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	const struct order *o = arg;
	const int c = o->compare(o->tree, a, b);

	return c ? c : a < b ? -1 : a > b;
}

struct hs_error *tree_sort(struct tree *t, tree_compare_fn *compare)
{
	struct order order = { .tree = t, .compare = compare };
	_cleanup_free_ uint32_t *list = NULL;
	struct hs_error *err = link_children(t);
	size_t i, n, k, cap = 0;
	uint32_t child;

	for (i = 0; !err && i < t->n; i++) {
		n = 0;
		for (child = t->first_child[i]; child != TREE_NONE;
		     child = t->nodes[child].next) {
			if (!ARRAY_GROW(list, cap, n + 1))
				return hs_error_nomem();
			list[n++] = child;
		}
		if (n < 2)
			continue;
		qsort_r(list, n, sizeof(*list), compare_nodes, &order);
		t->first_child[i] = list[0];
		for (k = 0; k < n; k++)
			t->nodes[list[k]].next = k + 1 < n ? list[k + 1]
							   : TREE_NONE;
	}
	return err;
}
