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

static void build(struct fixture *f, struct labels *labels, struct tree *tree)
{
	fixture_read(f, "searchd-before.heap", "searchd-after.heap", NULL);
	hs_ck_ok(labels_init(labels, &f->rows, false));
	hs_ck_ok(tree_build(tree, &f->rows, f->rows.n, labels->of_frame,
			    ROWS_BY_BYTES, TREE_WRAPPERS));
}

static const struct tree_node *child_named(const struct tree *tree,
					   struct labels *labels,
					   const struct tree_node *parent,
					   const char *name)
{
	uint32_t i = parent->first_child;
	struct strbuf out = { 0 };

	while (i != TREE_NONE &&
	       strcmp(label_text(labels, tree->nodes[i].id, &out), name) != 0)
		i = tree->nodes[i].next;
	ck_assert_msg(i != TREE_NONE, "no child '%s'", name);
	return &tree->nodes[i];
}

START_TEST(nodes_add_up)
{
	int64_t change;
	struct labels labels = { 0 };
	struct tree tree = { 0 };
	struct fixture f;
	uint32_t c;
	size_t i;

	build(&f, &labels, &tree);
	ck_assert_int_eq(measure_change(tree.nodes[0].total), f.rows.net.bytes);
	for (i = 0; i < tree.n; i++) {
		change = tree.nodes[i].self;
		for (c = tree.nodes[i].first_child; c != TREE_NONE;
		     c = tree.nodes[c].next) {
			ck_assert_uint_eq(tree.nodes[c].parent, i);
			ck_assert_uint_gt(c, i);
			change += measure_change(tree.nodes[c].total);
		}
		ck_assert_int_eq(change, measure_change(tree.nodes[i].total));
	}
	tree_release(&tree);
	labels_release(&labels);
	fixture_release(&f);
}
END_TEST

static int smallest_first(const struct tree_node *a, const struct tree_node *b)
{
	return a->total.after < b->total.after
		       ? -1
		       : a->total.after > b->total.after;
}

/* log_line is called by main and by handle_keepalive: two nodes. */
START_TEST(callers_tell_apart)
{
	const struct tree_node *node;
	struct labels labels = { 0 };
	struct tree tree = { 0 };
	struct fixture f;
	uint32_t c;

	build(&f, &labels, &tree);
	node = child_named(&tree, &labels, &tree.nodes[0], "clone3");
	node = child_named(&tree, &labels, node, "start_thread");
	node = child_named(&tree, &labels, node, "worker_main");
	node = child_named(&tree, &labels, node,
			   "search::Server::handle_keepalive");
	ck_assert_uint_eq(node->depth, 4);
	ck_assert_int_eq(
		child_named(&tree, &labels, node, "log_line")->total.after,
		2622080);
	node = child_named(&tree, &labels, &tree.nodes[0], "_start");
	node = child_named(&tree, &labels, node, "__libc_start_main");
	node = child_named(&tree, &labels, node, "__libc_start_call_main");
	node = child_named(&tree, &labels, node, "main");
	ck_assert_int_eq(
		child_named(&tree, &labels, node, "log_line")->total.after,
		2098432);
	hs_ck_ok(tree_sort(&tree, smallest_first));
	for (c = node->first_child; tree.nodes[c].next != TREE_NONE;
	     c = tree.nodes[c].next)
		ck_assert_int_le(tree.nodes[c].total.after,
				 tree.nodes[tree.nodes[c].next].total.after);
	tree_release(&tree);
	labels_release(&labels);
	fixture_release(&f);
}
END_TEST

int main(void)
{
	return hs_check_run("output/tree", texts_are_numbered_once,
			    nodes_add_up, callers_tell_apart);
}
