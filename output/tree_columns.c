#include "output/tree_columns.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"

void tree_threads_release(struct tree_threads *threads)
{
	free(threads->count);
	free(threads->one);
	*threads = (struct tree_threads){ 0 };
}

static bool part_changed(const struct row_part *part)
{
	return llround(part->after.bytes - part->before.bytes) ||
	       llround(part->after.objects - part->before.objects);
}

/* The indices of the parts, grouped by thread. */
static struct hs_error *sort_parts(const struct row_columns *x, uint32_t **ret)
{
	_cleanup_free_ size_t *start = calloc(x->threads.n + 1, sizeof(*start));
	uint32_t *order = calloc(x->n_parts + 1, sizeof(*order));
	size_t i;

	*ret = order;
	if (!start || !order)
		return hs_error_nomem();
	for (i = 0; i < x->n_parts; i++)
		start[x->parts[i].thread + 1]++;
	for (i = 1; i <= x->threads.n; i++)
		start[i] += start[i - 1];
	for (i = 0; i < x->n_parts; i++)
		order[start[x->parts[i].thread]++] = (uint32_t)i;
	return NULL;
}

/* By row.number: the innermost node of the row, or TREE_NONE. */
static struct hs_error *find_leaves(const struct tree *t, uint32_t **ret)
{
	const struct rows *rows = t->rows;
	size_t i, n = rows->columns.n_rows;
	uint32_t *leaves = calloc(n + 1, sizeof(*leaves));

	*ret = leaves;
	if (!leaves)
		return hs_error_nomem();
	for (i = 0; i < n; i++)
		leaves[i] = TREE_NONE;
	for (i = 0; i < t->n_rows; i++)
		if (rows->items[i].number < n)
			leaves[rows->items[i].number] = t->leaf[i];
	return NULL;
}

struct hs_error *tree_threads_find(struct tree_threads *threads,
				   const struct tree *t)
{
	const struct row_columns *x = &t->rows->columns;
	_cleanup_free_ uint32_t *order = NULL, *leaves = NULL;
	const struct row_part *part;
	struct hs_error *err;
	uint32_t node;
	size_t i;

	threads->count = calloc(t->n + 1, sizeof(*threads->count));
	threads->one = calloc(t->n + 1, sizeof(*threads->one));
	if (!threads->count || !threads->one)
		return hs_error_nomem();
	err = sort_parts(x, &order);
	if (!err)
		err = find_leaves(t, &leaves);
	for (i = 0; !err && i < x->n_parts; i++) {
		part = &x->parts[order[i]];
		if (!part_changed(part))
			continue;
		/* A node that counted the thread already has counted it in its
		 * callers, too. */
		for (node = leaves[part->row];
		     node != TREE_NONE && (!threads->count[node] ||
					   threads->one[node] != part->thread);
		     node = t->nodes[node].parent) {
			threads->count[node]++;
			threads->one[node] = part->thread;
		}
	}
	return err;
}

void tree_threads_add(struct strbuf *sb, const struct tree_threads *threads,
		      const struct tree *t, uint32_t node)
{
	if (threads->count[node] == 1)
		strbuf_adds(sb,
			    t->rows->columns.threads.items[threads->one[node]]);
	else if (threads->count[node])
		strbuf_addf(sb, "%" PRIu32 " threads", threads->count[node]);
}
