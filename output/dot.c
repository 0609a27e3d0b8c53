#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/hash.h"
#include "output/formats.h"
#include "output/label.h"
#include "output/write.h"

enum {
	MOST_NODES = 45,   /* more are unreadable */
	LABEL_WIDTH = 100, /* bytes of a name that a node shows */
};

/* Fractions of the whole below which nodes and edges are left out, as in jeprof
 * and pprof (nodefraction, edgefraction). */
static const double node_fraction = 0.005, edge_fraction = 0.001;

/* There may be millions. */
struct node {
	int64_t self, total; /* the change in the function, and below it too */
	uint32_t seen;	     /* the last row it was counted for, + 1 */
	bool program;	     /* one of its frames is no library's */
	bool shown;
	bool linked; /* has an edge */
};

struct edge {
	uint32_t from, to; /* labels */
	int64_t total;
	uint32_t seen;
	bool direct; /* in a stack with nothing that is not shown between */
	bool shown;
};

struct graph {
	const struct rows *rows;
	const struct format_options *options;
	struct labels labels;
	struct node *nodes; /* owned; by label */
	struct edge *edges; /* owned */
	size_t n_edges, edges_cap;
	struct hash_index edge_index; /* by from and to */
	int64_t whole;		      /* sum of the magnitudes of all rows */
	size_t dropped_nodes, dropped_edges;
};

static void graph_release(struct graph *g)
{
	labels_release(&g->labels);
	free(g->nodes);
	free(g->edges);
	hash_index_release(&g->edge_index);
}

static struct hs_error *find_edge(struct graph *g, uint32_t from, uint32_t to,
				  struct edge **ret)
{
	const struct hash h = hash_mix(hash_index_begin(&g->edge_index), from);
	const uint64_t hash = hash_mix(h, to).value;
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&g->edge_index, hash, &walk)) {
		*ret = &g->edges[walk.value];
		if ((*ret)->from == from && (*ret)->to == to)
			return NULL;
	}
	if (g->n_edges >= UINT32_MAX ||
	    !ARRAY_GROW(g->edges, g->edges_cap, g->n_edges + 1))
		return hs_error_nomem();
	*ret = &g->edges[g->n_edges];
	**ret = (struct edge){ .from = from, .to = to };
	return hash_index_add(&g->edge_index, hash, (uint32_t)g->n_edges++);
}

/* A recursion counts once per stack, for nodes and edges alike, so that no
 * number exceeds the total. */
static struct hs_error *count_edge(struct graph *g, uint32_t from, uint32_t to,
				   int64_t n, uint32_t row, bool direct)
{
	struct edge *e = NULL;
	struct hs_error *err = find_edge(g, from, to, &e);

	if (err)
		return err;
	if (e->seen != row)
		e->total += n;
	e->seen = row;
	e->direct |= direct;
	return NULL;
}

/* What the program allocates through is no node. */
static void count_row(struct graph *g, const struct row *row, uint32_t number)
{
	int64_t n = measure_change(measure_of(g->rows, row, g->options->sort));
	uint32_t i, label;
	struct node *node;

	g->whole += (int64_t)magnitude(n);
	for (i = row->wrappers; n && i < row->depth; i++) {
		label = label_of(&g->labels, g->rows, row, i);
		node = &g->nodes[label];
		node->program |= !row_frame(g->rows, row, i)->look->library;
		if (i == row->wrappers)
			node->self += n;
		if (node->seen != number)
			node->total += n;
		node->seen = number;
	}
}

/* From each node of a stack to the next that is shown. */
static struct hs_error *count_edges(struct graph *g, const struct row *row,
				    uint32_t number)
{
	int64_t n = measure_change(measure_of(g->rows, row, g->options->sort));
	struct hs_error *err = NULL;
	uint32_t i, label, callee = 0;
	bool direct = true, any = false;

	for (i = row->wrappers; !err && n && i < row->depth; i++) {
		label = label_of(&g->labels, g->rows, row, i);
		if (!g->nodes[label].shown) {
			direct = false;
			continue;
		}
		if (any)
			err = count_edge(g, label, callee, n, number, direct);
		callee = label;
		any = direct = true;
	}
	return err;
}

/* The weight of a node: the total alone will not do, as growth above and
 * shrinkage below it may cancel out. */
static uint64_t weight(const struct node *n)
{
	const uint64_t self = magnitude(n->self), total = magnitude(n->total);

	return self > total ? self : total;
}

/* Nodes are in the order of their labels. */
static int by_weight(const void *x, const void *y)
{
	const struct node *a = *(struct node *const *)x,
			  *b = *(struct node *const *)y;

	if (weight(a) != weight(b))
		return weight(a) > weight(b) ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* The largest ones. Of millions few come into question. */
static struct hs_error *choose_nodes(struct graph *g)
{
	const double least = node_fraction * (double)g->whole;
	_cleanup_free_ struct node **order = NULL;
	size_t i, n = 0, cap = 0, seen = 0;

	for (i = 0; i < g->labels.n; i++) {
		seen += g->nodes[i].seen != 0;
		if (!g->nodes[i].seen || (double)weight(&g->nodes[i]) < least)
			continue;
		if (!ARRAY_GROW(order, cap, n + 1))
			return hs_error_nomem();
		order[n++] = &g->nodes[i];
	}
	if (n)
		qsort(order, n, sizeof(*order), by_weight);
	for (i = 0; i < n && i < MOST_NODES; i++)
		order[i]->shown = true;
	g->dropped_nodes = seen - i;
	return NULL;
}

static void show_edge(struct graph *g, struct edge *e)
{
	e->shown = true;
	g->nodes[e->from].linked = true;
	g->nodes[e->to].linked = true;
}

/* The large ones, and those without which a node would have none: a box that
 * nothing leads to says nothing. */
static void choose_edges(struct graph *g)
{
	struct edge *e;
	size_t i;

	for (i = 0; i < g->n_edges; i++) {
		e = &g->edges[i];
		if ((double)magnitude(e->total) >=
		    edge_fraction * (double)g->whole)
			show_edge(g, e);
	}
	for (i = 0; i < g->n_edges; i++) {
		e = &g->edges[i];
		if (e->shown)
			continue;
		if (!g->nodes[e->from].linked || !g->nodes[e->to].linked)
			show_edge(g, e);
		else
			g->dropped_edges++;
	}
}

static struct hs_error *count_rows(struct graph *g)
{
	const size_t end = formats_rows(g->rows, g->options->top);
	struct hs_error *err;
	size_t i;

	err = labels_init(&g->labels, g->rows, true);
	if (err)
		return err;
	g->nodes = calloc(g->labels.n + 1, sizeof(*g->nodes));
	if (!g->nodes)
		return hs_error_nomem();
	for (i = 0; i < end; i++)
		count_row(g, &g->rows->items[i], (uint32_t)i + 1);
	err = choose_nodes(g);
	for (i = 0; !err && i < end; i++)
		err = count_edges(g, &g->rows->items[i], (uint32_t)i + 1);
	if (!err)
		choose_edges(g);
	return err;
}

/* Within a double-quoted string of the DOT language. */
static void add_quoted(struct strbuf *sb, const char *s, size_t most)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	size_t i, len = strlen(s);

	/* Never cuts a character. */
	if (len > most)
		for (len = most; len && ((unsigned char)s[len] & 0xc0) == 0x80;)
			len--;
	escape_terminal(&text, s, len);
	for (i = 0; i < text.len; i++) {
		if (text.buf[i] == '"' || text.buf[i] == '\\')
			strbuf_addc(sb, '\\');
		strbuf_addc(sb, text.buf[i]);
	}
	if (s[len])
		strbuf_adds(sb, "...");
	sb->failed |= text.failed;
}

/* From grey over light to strong red for growth, to blue for shrinkage. */
static void add_color(struct strbuf *sb, int64_t n, int64_t whole)
{
	double part = whole ? (double)magnitude(n) / (double)whole : 0;
	double saturation = n ? 0.08 + 0.62 * sqrt(part) : 0;

	strbuf_addf(sb, "\"%s %.3f %.3f\"", n < 0 ? "0.580" : "0.020",
		    saturation > 0.7 ? 0.7 : saturation, n ? 0.99 : 0.93);
}

static void add_node(struct graph *g, struct strbuf *sb, uint32_t label)
{
	const struct node *n = &g->nodes[label];
	double part = g->whole ? (double)weight(n) / (double)g->whole : 0;
	bool sign = g->rows->before;

	strbuf_addf(sb, "  n%" PRIu32 " [label=\"", label);
	add_quoted(sb, label_text(&g->labels, label, sb), LABEL_WIDTH);
	strbuf_adds(sb, "\\n");
	if (n->self) {
		formats_add_measure(sb, n->self, sign, g->options);
		strbuf_adds(sb, " here");
	}
	if (n->total != n->self) {
		strbuf_adds(sb, n->self ? "\\nof " : "");
		formats_add_measure(sb, n->total, sign, g->options);
	}
	strbuf_addf(sb, "\", fontsize=%.0f, fillcolor=", 9 + 15 * sqrt(part));
	add_color(sb, n->total, g->whole);
	strbuf_addf(sb, "%s, tooltip=\"", n->program ? "" : ", color=gray");
	add_quoted(sb, label_text(&g->labels, label, sb), SIZE_MAX);
	strbuf_adds(sb, "\"];\n");
}

static void add_edge(struct graph *g, struct strbuf *sb, const struct edge *e)
{
	double part = g->whole ? (double)magnitude(e->total) / (double)g->whole
			       : 0;

	strbuf_addf(sb, "  n%" PRIu32 " -> n%" PRIu32 " [label=\" ", e->from,
		    e->to);
	formats_add_measure(sb, e->total, g->rows->before, g->options);
	strbuf_addf(sb, "\", weight=%.0f, penwidth=%.1f%s];\n", 1 + 99 * part,
		    0.7 + 5 * sqrt(part), e->direct ? "" : ", style=dashed");
}

/* Nodes that call and are called by none that is shown, as all are of rows that
 * are no stacks, hang on one that stands for the whole. */
static void add_root(struct graph *g, struct strbuf *sb)
{
	bool needed = false;
	size_t i;

	for (i = 0; i < g->labels.n; i++) {
		if (!g->nodes[i].shown || g->nodes[i].linked)
			continue;
		if (!needed)
			strbuf_adds(sb, "  all [label=\"all\", fillcolor="
					"\"#eeeeee\", color=gray];\n");
		needed = true;
		strbuf_addf(sb, "  all -> n%zu [style=dashed];\n", i);
	}
}

static struct hs_error *write_graph(FILE *f, struct graph *g)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err = NULL;
	uint32_t i;

	for (i = 0; !err && i < g->labels.n; i++) {
		if (g->nodes[i].shown)
			add_node(g, &sb, i);
		err = write_flush(&sb, f);
	}
	for (i = 0; !err && i < g->n_edges; i++) {
		if (g->edges[i].shown)
			add_edge(g, &sb, &g->edges[i]);
		err = write_flush(&sb, f);
	}
	add_root(g, &sb);
	return err ? err : write_flush(&sb, f);
}

/* Says how much is left out. */
static void add_dropped(const struct graph *g, struct strbuf *sb)
{
	if (!g->dropped_nodes && !g->dropped_edges)
		return;
	strbuf_adds(sb, "\\nnot shown: ");
	units_add_counted(sb, (int64_t)g->dropped_nodes, "smaller function",
			  false);
	strbuf_adds(sb, ", ");
	units_add_counted(sb, (int64_t)g->dropped_edges, "smaller call", false);
}

static void add_head(struct graph *g, struct strbuf *sb)
{
	_cleanup_strbuf_ struct strbuf title = { 0 };
	int64_t net = g->options->sort == ROWS_BY_OBJECTS ? g->rows->net.objects
							  : g->rows->net.bytes;

	formats_add_title(&title, g->rows);
	strbuf_adds(sb, "digraph \"");
	add_quoted(sb, strbuf_str(&title), SIZE_MAX);
	strbuf_adds(sb, "\" {\n  graph [fontname=\"Helvetica\", labelloc=t, "
			"label=\"");
	add_quoted(sb, strbuf_str(&title), SIZE_MAX);
	strbuf_adds(sb, "\\n");
	formats_add_measure(sb, net, g->rows->before, g->options);
	add_dropped(g, sb);
	strbuf_adds(sb, "\"];\n  node [shape=box, style=\"filled,rounded\", "
			"fontname=\"Helvetica\"];\n  edge [fontname="
			"\"Helvetica\", fontsize=9];\n");
	sb->failed |= title.failed;
}

struct hs_error *dot_write(FILE *f, const struct rows *rows,
			   const struct format_options *o)
{
	hs_cleanup(graph_release) struct graph g = { .rows = rows,
						     .options = o };
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	err = count_rows(&g);
	if (err)
		return err;
	add_head(&g, &sb);
	err = write_flush(&sb, f);
	if (!err)
		err = write_graph(f, &g);
	if (err)
		return err;
	strbuf_adds(&sb, "}\n");
	return write_flush(&sb, f);
}
