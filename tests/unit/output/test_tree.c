/*
 * output/tree and output/string_table: stacks with the same outermost frames
 * share nodes, each node's numbers are the sum over its stacks, and equal texts
 * have one number.
 */
#include "base/intern.h"
#include "output/tree.h"

#include <string.h>

#include "output/label.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/report_fixture.h"

START_TEST(texts_are_numbered_once)
{
	_cleanup_intern_ struct intern t = { 0 };
	char text[32];
	uint32_t at, again;
	int i, len;

	for (i = 0; i < 5000; i++) {
		len = snprintf(text, sizeof(text), "text %d", i);
		hs_ck_ok(intern_number(&t, text, (size_t)len, &at));
		ck_assert_uint_eq(at, i);
	}
	hs_ck_ok(intern_number(&t, "text 77", 7, &again));
	ck_assert_uint_eq(again, 77);
	ck_assert_uint_eq(t.n, 5000);
	ck_assert_str_eq(t.items[4999], "text 4999");
}
END_TEST

static int smallest_first(const struct tree *t, uint32_t a, uint32_t b)
{
	const int64_t x = tree_after(t, a), y = tree_after(t, b);

	return x < y ? -1 : x > y;
}

static void build(struct fixture *f, struct labels *labels, struct tree *tree)
{
	fixture_read(f, "searchd-before.heap", "searchd-after.heap", NULL);
	hs_ck_ok(labels_init(labels, &f->rows, false));
	hs_ck_ok(tree_build(tree, &f->rows, f->rows.n, labels->of_frame,
			    TREE_WRAPPERS));
	hs_ck_ok(tree_count(tree, ROWS_BY_BYTES, true));
	hs_ck_ok(tree_sort(tree, smallest_first));
}

static uint32_t child_named(const struct tree *tree, struct labels *labels,
			    uint32_t parent, const char *name)
{
	uint32_t i = tree->first_child[parent];
	struct strbuf out = { 0 };

	while (i != TREE_NONE &&
	       strcmp(label_text(labels, tree_id(tree, tree->nodes[i].frame),
				 &out),
		      name) != 0)
		i = tree->nodes[i].next;
	ck_assert_msg(i != TREE_NONE, "no child '%s'", name);
	return i;
}

/* The change of the rows that end at @node. */
static int64_t change_at(const struct tree *tree, uint32_t node)
{
	int64_t change = 0;
	size_t i;

	for (i = 0; i < tree->n_rows; i++)
		if (tree->leaf[i] == node)
			change += tree->rows->items[i].bytes;
	return change;
}

START_TEST(nodes_add_up)
{
	int64_t change;
	struct labels labels = { 0 };
	struct tree tree = { 0 };
	struct fixture f;
	uint32_t i, c;

	build(&f, &labels, &tree);
	ck_assert_int_eq(tree.change[0], f.rows.net.bytes);
	ck_assert_int_eq(tree_weight(&tree, 0),
			 f.rows.grown.bytes - f.rows.shrunk.bytes);
	ck_assert_int_ge(tree_most(&tree, 0), tree_after(&tree, 0));
	for (i = 0; i < tree.n; i++) {
		change = change_at(&tree, i);
		ck_assert_int_eq(tree_self(&tree, i), change);
		for (c = tree.first_child[i]; c != TREE_NONE;
		     c = tree.nodes[c].next) {
			ck_assert_uint_eq(tree.nodes[c].parent, i);
			ck_assert_uint_gt(c, i);
			change += tree.change[c];
		}
		ck_assert_int_eq(change, tree.change[i]);
	}
	tree_release(&tree);
	labels_release(&labels);
	fixture_release(&f);
}
END_TEST

/* log_line is called by main and by handle_keepalive: two nodes. */
START_TEST(callers_tell_apart)
{
	struct labels labels = { 0 };
	struct tree tree = { 0 };
	struct fixture f;
	uint32_t node, c;

	build(&f, &labels, &tree);
	node = child_named(&tree, &labels, 0, "clone3");
	node = child_named(&tree, &labels, node, "start_thread");
	node = child_named(&tree, &labels, node, "worker_main");
	node = child_named(&tree, &labels, node,
			   "search::Server::handle_keepalive");
	ck_assert_uint_eq(tree.nodes[node].depth, 4);
	c = child_named(&tree, &labels, node, "log_line");
	ck_assert_int_eq(tree_after(&tree, c), 2622080);
	node = child_named(&tree, &labels, 0, "_start");
	node = child_named(&tree, &labels, node, "__libc_start_main");
	node = child_named(&tree, &labels, node, "__libc_start_call_main");
	node = child_named(&tree, &labels, node, "main");
	c = child_named(&tree, &labels, node, "log_line");
	ck_assert_int_eq(tree_after(&tree, c), 2098432);
	for (c = tree.first_child[node]; tree.nodes[c].next != TREE_NONE;
	     c = tree.nodes[c].next)
		ck_assert_int_le(tree_after(&tree, c),
				 tree_after(&tree, tree.nodes[c].next));
	tree_release(&tree);
	labels_release(&labels);
	fixture_release(&f);
}
END_TEST

/* A row of one snapshot has no number twice: nothing shrank, and nothing was
 * before. */
START_TEST(one_snapshot_has_one_number)
{
	struct labels labels = { 0 };
	struct tree tree = { 0 };
	struct fixture f;

	fixture_read(&f, NULL, "searchd-after.heap", NULL);
	hs_ck_ok(tree_build(&tree, &f.rows, f.rows.n, NULL, TREE_CALLERS));
	hs_ck_ok(tree_count(&tree, ROWS_BY_BYTES, true));
	ck_assert(!tree.before && !tree.variance && !tree.weight && !tree.most);
	ck_assert_int_eq(tree_after(&tree, 0), f.rows.net.bytes);
	ck_assert_int_eq(tree_weight(&tree, 0), f.rows.net.bytes);
	ck_assert_int_eq(tree_most(&tree, 0), f.rows.net.bytes);
	tree_release(&tree);
	labels_release(&labels);
	fixture_release(&f);
}
END_TEST

int main(void)
{
	return hs_check_run("output/tree", texts_are_numbered_once,
			    nodes_add_up, callers_tell_apart,
			    one_snapshot_has_one_number);
}
