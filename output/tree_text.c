#include "output/tree_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "output/formats.h"
#include "output/label.h"
#include "output/style.h"
#include "output/tree.h"
#include "output/tree_columns.h"
#include "output/write.h"

enum { MOST_CHILDREN = 12, LEAST_NAME = 24, MOST_COLUMN = 24 };

/* Share of the whole change; smaller nodes are summed up in one line. */
static const double small_fraction = 0.005;

struct painter {
	const struct rows *rows;
	const struct text_options *options;
	struct format_options format;
	struct labels labels;
	struct tree tree;
	FILE *f;
	struct strbuf out;
	struct strbuf prefix; /* the lines on the left of a node */
	size_t *prefix_len;   /* owned; by depth: length of prefix there */
	size_t column;	      /* width of the numbers */
	struct tree_threads threads;
	size_t thread_column, module_column; /* widths; 0: not wanted */
	bool noise;			     /* a node within it was shown */
};

static void painter_release(struct painter *p)
{
	labels_release(&p->labels);
	tree_release(&p->tree);
	tree_threads_release(&p->threads);
	strbuf_release(&p->out);
	strbuf_release(&p->prefix);
	free(p->prefix_len);
}

static int by_weight(const struct tree *t, uint32_t a, uint32_t b)
{
	const int64_t x = tree_weight(t, a), y = tree_weight(t, b);

	return x > y ? -1 : x < y;
}

static bool is_noise(const struct painter *p, uint32_t node)
{
	const struct tree *t = &p->tree;

	return t->variance && tree_weight(t, node) &&
	       fabs((double)t->change[node]) < 2 * sqrt(t->variance[node]);
}

static enum style change_style(const struct painter *p, uint32_t node)
{
	const int64_t change = p->tree.change[node];

	if (!p->rows->before)
		return STYLE_PLAIN;
	if (change == 0 || is_noise(p, node))
		return STYLE_FAINT;
	return change > 0 ? STYLE_GROWN : STYLE_SHRUNK;
}

static void add(struct painter *p, enum style style, const char *s)
{
	style_add(&p->out, style, p->options->color, s, strlen(s));
}

static void number_text(const struct painter *p, struct strbuf *sb, int64_t n)
{
	formats_add_measure(sb, n, p->rows->before, &p->format);
}

/* The number of a line, flush right. */
static void add_number(struct painter *p, int64_t n, enum style style,
		       bool noise)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t width;

	if (noise)
		strbuf_addc(&sb, '~');
	p->noise |= noise;
	number_text(p, &sb, n);
	width = style_width(strbuf_str(&sb));
	style_pad(&p->out, p->column > width ? p->column - width : 0);
	add(p, style, strbuf_str(&sb));
	strbuf_adds(&p->out, "  ");
	p->out.failed |= sb.failed;
}

/* Appends @s, at most @width columns of it when that is not 0. */
static void add_cut(struct painter *p, enum style style, const char *s,
		    size_t width)
{
	const char *dots = p->options->utf8 ? "…" : "...";
	size_t keep, i;

	if (!width || style_width(s) <= width) {
		add(p, style, s);
		return;
	}
	keep = width - style_width(dots);
	for (i = 0; s[i]; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80 && keep-- == 0)
			break;
	style_add(&p->out, style, p->options->color, s, i);
	add(p, style, dots);
}

/* The text of the thread column, and of the module column. */
static void thread_text(const struct painter *p, struct strbuf *sb,
			uint32_t node)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };

	tree_threads_add(&text, &p->threads, &p->tree, node);
	escape_terminal(sb, strbuf_str(&text), text.len);
	sb->failed |= text.failed;
}

static void module_text(const struct painter *p, struct strbuf *sb,
			uint32_t node)
{
	const char *name = NULL;

	if (node)
		name = p->rows->frames[p->tree.nodes[node].frame]
			       .look->module_name;
	if (name)
		escape_terminal(sb, name, strlen(name));
}

typedef void column_text_fn(const struct painter *p, struct strbuf *sb,
			    uint32_t node);

static void add_column(struct painter *p, column_text_fn *text, uint32_t node,
		       size_t width)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t used;

	if (!width)
		return;
	text(p, &sb, node);
	add_cut(p, STYLE_FAINT, strbuf_str(&sb), width);
	used = style_width(strbuf_str(&sb));
	style_pad(&p->out, (used < width ? width - used : 0) + 2);
	p->out.failed |= sb.failed;
}

/* The width that is left for the tree's lines, without the number. */
static void add_columns(struct painter *p, uint32_t node)
{
	add_column(p, thread_text, node, p->thread_column);
	add_column(p, module_text, node, p->module_column);
}

/* The width of the columns, including the gaps. */
static size_t columns_width(const struct painter *p)
{
	return p->column + 2 + (p->thread_column ? p->thread_column + 2 : 0) +
	       (p->module_column ? p->module_column + 2 : 0);
}

static void add_file(struct strbuf *sb, const struct tree_node *node,
		     const struct row_frame *f)
{
	const char *file = f->look->file     ? f->look->file
			   : f->look->module ? f->look->module
					     : "";

	escape_terminal(sb, file, strlen(file));
	if (f->look->file && f->look->line && !node->many_lines)
		strbuf_addf(sb, ":%" PRIu32, f->look->line);
}

/* Name, file and what was allocated right here, as far as the width allows. */
static void add_node_text(struct painter *p, uint32_t index)
{
	const struct tree_node *node = &p->tree.nodes[index];
	const bool inner = p->tree.first_child[index] != TREE_NONE;
	const int64_t self = inner ? tree_self(&p->tree, index) : 0;
	const struct row_frame *f = &p->rows->frames[node->frame];
	const char *label =
		label_text(&p->labels, tree_id(&p->tree, node->frame), &p->out);
	_cleanup_strbuf_ struct strbuf name = { 0 };
	_cleanup_strbuf_ struct strbuf rest = { 0 };
	size_t used = columns_width(p) + style_width(strbuf_str(&p->prefix));
	size_t width = p->options->width;

	escape_terminal(&name, label, strlen(label));
	if (f->look->inlined)
		strbuf_adds(&name, " (inlined)");
	if (width)
		width = width > used + LEAST_NAME ? width - used : LEAST_NAME;
	add_cut(p, f->look->library ? STYLE_FAINT : STYLE_PLAIN,
		strbuf_str(&name), width);
	strbuf_adds(&rest, "  ");
	add_file(&rest, node, f);
	if (self) {
		strbuf_adds(&rest, "  (");
		number_text(p, &rest, self);
		strbuf_adds(&rest, " here)");
	}
	if (rest.len > 2 &&
	    (!width ||
	     style_width(strbuf_str(&name)) + style_width(strbuf_str(&rest)) <=
		     width))
		add(p, STYLE_FAINT, strbuf_str(&rest));
	strbuf_addc(&p->out, '\n');
	p->out.failed |= name.failed || rest.failed;
}

/* The children of a node: the first ones are shown, the small rest is summed up
 * in one line, and unchanged ones come last and are left out. */
struct family {
	size_t shown, rest;
	int64_t rest_change;
};

static struct family family_of(const struct painter *p, uint32_t node)
{
	const struct tree *t = &p->tree;
	/* Where all children are small, the largest one is still of
	 * interest. */
	double least = node ? small_fraction * (double)tree_weight(t, 0) : 0;
	bool all = p->options->all_frames;
	struct family f = { 0 };
	uint32_t i;

	for (i = t->first_child[node]; i != TREE_NONE; i = t->nodes[i].next) {
		if (!tree_weight(t, i))
			continue;
		if (all || (f.shown < MOST_CHILDREN &&
			    (double)tree_weight(t, i) >= least)) {
			f.shown++;
			continue;
		}
		f.rest++;
		f.rest_change += t->change[i];
	}
	return f;
}

static const char *branch(const struct painter *p, bool last)
{
	if (p->options->utf8)
		return last ? "└─ " : "├─ ";
	return last ? "`- " : "|- ";
}

static const char *trunk(const struct painter *p, bool last)
{
	if (last)
		return "   ";
	return p->options->utf8 ? "│  " : "|  ";
}

/* An only child continues at its parent's indentation: fifty frames would not
 * fit with an indentation each. */
static bool is_only(const struct tree *t, uint32_t node)
{
	const uint32_t parent = t->nodes[node].parent;

	return parent != 0 &&
	       t->nodes[t->first_child[parent]].next == TREE_NONE &&
	       !tree_self(t, parent);
}

static struct hs_error *draw_rest(struct painter *p, const struct family *f)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (!f->rest)
		return NULL;
	add_number(p, f->rest_change, STYLE_FAINT, false);
	style_pad(&p->out, columns_width(p) - p->column - 2);
	strbuf_adds(&p->out, strbuf_str(&p->prefix));
	strbuf_adds(&p->out, branch(p, true));
	strbuf_addf(&sb, "%s %zu more (-v shows them)",
		    p->options->utf8 ? "…" : "...", f->rest);
	add(p, STYLE_FAINT, strbuf_str(&sb));
	strbuf_addc(&p->out, '\n');
	p->out.failed |= sb.failed;
	return write_flush(&p->out, p->f);
}

/* Draws node @index, and sets prefix for its children. */
static struct hs_error *draw_node(struct painter *p, uint32_t index, bool last)
{
	const struct tree_node *node = &p->tree.nodes[index];

	add_number(p, p->tree.change[index], change_style(p, index),
		   is_noise(p, index));
	add_columns(p, index);
	p->prefix.len = p->prefix_len[node->depth - 1];
	if (p->prefix.buf)
		p->prefix.buf[p->prefix.len] = '\0';
	strbuf_adds(&p->out, strbuf_str(&p->prefix));
	if (!is_only(&p->tree, index)) {
		strbuf_adds(&p->out, branch(p, last));
		strbuf_adds(&p->prefix, trunk(p, last));
	}
	add_node_text(p, index);
	p->prefix_len[node->depth] = p->prefix.len;
	p->out.failed |= p->prefix.failed;
	return write_flush(&p->out, p->f);
}

/* A node during the drawing of its children. */
struct visit {
	uint32_t node, child; /* the next one to draw */
	struct family family;
	size_t drawn;
};

static void visit_begin(struct painter *p, struct visit *v, uint32_t node)
{
	v->node = node;
	v->child = p->tree.first_child[node];
	v->family = family_of(p, node);
	v->drawn = 0;
}

/* Without recursion: a stack may be deeper than ours. */
static struct hs_error *draw(struct painter *p, struct visit *stack)
{
	struct hs_error *err = NULL;
	struct visit *v = stack;
	uint32_t child;

	visit_begin(p, v, 0);
	while (!err) {
		if (v->drawn < v->family.shown) {
			child = v->child;
			v->child = p->tree.nodes[child].next;
			v->drawn++;
			err = draw_node(p, child,
					v->drawn == v->family.shown &&
						!v->family.rest);
			visit_begin(p, ++v, child);
			continue;
		}
		p->prefix.len = p->prefix_len[p->tree.nodes[v->node].depth];
		if (p->prefix.buf)
			p->prefix.buf[p->prefix.len] = '\0';
		err = draw_rest(p, &v->family);
		if (v == stack)
			break;
		v--;
	}
	return err;
}

/* Widens *@column to the text at @node. On a terminal most of the width is for
 * the calls. */
static void widen(struct painter *p, column_text_fn *text, uint32_t node,
		  size_t *column)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t width;

	text(p, &sb, node);
	width = style_width(strbuf_str(&sb));
	if (p->options->width && width > MOST_COLUMN)
		width = MOST_COLUMN;
	if (width > *column)
		*column = width;
	p->out.failed |= sb.failed;
}

/* The columns are as wide as the widest text of the drawn nodes: the root, its
 * children and those that are not small. */
static void measure_columns(struct painter *p)
{
	const struct tree *t = &p->tree;
	size_t width;
	uint32_t i;

	for (i = 0; i < t->n; i++) {
		_cleanup_strbuf_ struct strbuf sb = { 0 };

		if (!p->options->all_frames && t->nodes[i].depth > 1 &&
		    (double)tree_weight(t, i) <
			    small_fraction * (double)tree_weight(t, 0))
			continue;
		if (is_noise(p, i))
			strbuf_addc(&sb, '~');
		number_text(p, &sb, t->change[i]);
		width = style_width(strbuf_str(&sb));
		if (width > p->column)
			p->column = width;
		p->out.failed |= sb.failed;
		if (p->options->threads)
			widen(p, thread_text, i, &p->thread_column);
		if (p->options->modules)
			widen(p, module_text, i, &p->module_column);
	}
}

static uint32_t depth_of(const struct tree *t)
{
	uint32_t deepest = 0;
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->nodes[i].depth > deepest)
			deepest = t->nodes[i].depth;
	return deepest;
}

static struct hs_error *draw_all(struct painter *p)
{
	const int64_t bare = tree_self(&p->tree, 0);
	size_t levels = (size_t)depth_of(&p->tree) + 2;
	_cleanup_free_ struct visit *stack = calloc(levels, sizeof(*stack));
	_cleanup_strbuf_ struct strbuf title = { 0 };
	struct hs_error *err;

	p->prefix_len = calloc(levels, sizeof(*p->prefix_len));
	if (!stack || !p->prefix_len)
		return hs_error_nomem();
	formats_add_title(&title, p->rows);
	escape_terminal(&p->out, strbuf_str(&title), title.len);
	strbuf_adds(&p->out, "\n\n");
	p->out.failed |= title.failed;
	measure_columns(p);
	add_number(p, p->tree.change[0], change_style(p, 0), is_noise(p, 0));
	add_columns(p, 0);
	add(p, STYLE_STRONG, "all");
	if (bare) {
		strbuf_adds(&p->out, "  (");
		number_text(p, &p->out, bare);
		strbuf_adds(&p->out, " without a stack)");
	}
	strbuf_addc(&p->out, '\n');
	err = draw(p, stack);
	if (!err && p->noise)
		add(p, STYLE_FAINT, "\n~ within the sampling noise\n");
	return err ? err : write_flush(&p->out, p->f);
}

struct hs_error *tree_write(FILE *f, const struct rows *rows,
			    const struct text_options *options)
{
	hs_cleanup(painter_release) struct painter p = {
		.rows = rows,
		.options = options,
		.format = { .sort = options->sort, .units = options->units },
		.f = f,
	};
	struct hs_error *err;

	err = labels_init(&p.labels, rows, false);
	if (!err)
		err = tree_build(
			&p.tree, rows, formats_rows(rows, options->top),
			p.labels.of_frame,
			options->all_frames ? TREE_WRAPPERS : TREE_CALLERS);
	if (!err)
		err = tree_count(&p.tree, options->sort, false);
	if (!err)
		err = tree_sort(&p.tree, by_weight);
	if (!err && options->threads)
		err = tree_threads_find(&p.threads, &p.tree);
	return err ? err : draw_all(&p);
}
