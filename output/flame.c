#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "output/formats.h"
#include "output/label.h"
#include "output/tree.h"
#include "output/write.h"

/* Pixels. */
enum {
	WIDTH = 1200,
	MARGIN = 10,
	ROW = 18,
	HEAD = 66,
	FONT_SIZE = 12,
};

static const double char_width = 7.25, /* of the monospaced font at its size */
	least_width = 0.4;

struct flame {
	FILE *f;
	const struct rows *rows;
	const struct format_options *options;
	struct labels labels;
	struct tree tree;
	double *x;	/* owned; by node: its left edge */
	double scale;	/* pixels a byte */
	uint32_t depth; /* of the deepest node that is drawn */
	int64_t most;	/* the largest change of a node */
	struct strbuf out;
};

static void flame_release(struct flame *g)
{
	labels_release(&g->labels);
	tree_release(&g->tree);
	free(g->x);
	strbuf_release(&g->out);
}

static int by_size(const struct tree *t, uint32_t a, uint32_t b)
{
	const int64_t x = tree_most(t, a), y = tree_most(t, b);

	return x > y ? -1 : x < y;
}

/* What vanished has a box, too. */
static double width_of(const struct flame *g, uint32_t node)
{
	return (double)tree_most(&g->tree, node) * g->scale;
}

static bool is_drawn(const struct flame *g, uint32_t node)
{
	return width_of(g, node) >= least_width;
}

/* Children lie side by side on their parent, the largest first. */
static void lay_out(struct flame *g)
{
	const struct tree *t = &g->tree;
	uint32_t i, child;
	int64_t n;
	double x;

	for (i = 0; i < t->n; i++) {
		if (is_drawn(g, i) && t->nodes[i].depth > g->depth)
			g->depth = t->nodes[i].depth;
		n = (int64_t)magnitude(t->change[i]);
		if (n > g->most)
			g->most = n;
		x = g->x[i];
		for (child = t->first_child[i]; child != TREE_NONE;
		     child = t->nodes[child].next) {
			g->x[child] = x;
			x += width_of(g, child);
		}
	}
}

/* Growth goes from grey to red, shrinkage to blue, noise stays grey. Without a
 * diff the program's own code stands out. */
static void add_fill(struct flame *g, uint32_t index)
{
	const struct tree_node *node = &g->tree.nodes[index];
	static const int grey[] = { 0xe4, 0xe2, 0xde },
			 red[] = { 0xf0, 0x50, 0x48 },
			 blue[] = { 0x52, 0x92, 0xe8 };
	const int64_t change = g->tree.change[index];
	const int *to = change < 0 ? blue : red;
	double part = 0;
	int i, rgb[3];

	if (!g->rows->before) {
		strbuf_adds(&g->out,
			    node->depth && !g->rows->frames[node->frame]
						    .look->library
				    ? "#f3b562"
				    : "#e4e2de");
		return;
	}
	if (g->most &&
	    fabs((double)change) >= 2 * sqrt(g->tree.variance[index]))
		part = sqrt((double)magnitude(change) / (double)g->most);
	for (i = 0; i < 3; i++)
		rgb[i] = grey[i] + (int)lround((to[i] - grey[i]) * part);
	strbuf_addf(&g->out, "#%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
}

/* The tooltip: "search::Cache::put" and its numbers. */
static void add_title(struct flame *g, uint32_t index, const char *label)
{
	const struct tree_node *node = &g->tree.nodes[index];
	const int64_t after = tree_after(&g->tree, index);
	/* The root, node 0, has no frame; without stacks there is none at all. */
	const struct row_frame *f = node->depth ? &g->rows->frames[node->frame]
						: NULL;
	const int64_t whole = tree_after(&g->tree, 0);

	strbuf_adds(&g->out, "<title>");
	escape_markup(&g->out, label, strlen(label));
	if (f && f->look->inlined)
		strbuf_adds(&g->out, " (inlined)");
	if (f && f->look->file) {
		strbuf_addc(&g->out, '\n');
		escape_markup(&g->out, f->look->file, strlen(f->look->file));
		if (f->look->line && !node->many_lines)
			strbuf_addf(&g->out, ":%" PRIu32, f->look->line);
	}
	strbuf_addc(&g->out, '\n');
	formats_add_measure(&g->out, after, false, g->options);
	strbuf_addf(&g->out, ", %.1f%%",
		    whole ? 100 * (double)after / (double)whole : 0);
	if (g->rows->before) {
		strbuf_adds(&g->out, "; ");
		formats_add_measure(&g->out, g->tree.change[index], true,
				    g->options);
	}
	strbuf_adds(&g->out, "</title>");
}

/* As much of @label as fits in @width pixels. */
static void add_label(struct flame *g, const char *label, double x, double y,
		      double width)
{
	size_t chars = width > 8 ? (size_t)((width - 6) / char_width) : 0, i;

	if (chars < 3)
		return;
	for (i = 0; label[i]; i++)
		if (((unsigned char)label[i] & 0xc0) != 0x80 && chars-- == 0)
			break;
	strbuf_addf(&g->out, "<text x=\"%.1f\" y=\"%.1f\">", x + 3,
		    y + ROW - 5);
	escape_markup(&g->out, label, label[i] && i ? i - 1 : i);
	strbuf_adds(&g->out, label[i] ? "…</text>" : "</text>");
}

static struct hs_error *draw_node(struct flame *g, uint32_t index)
{
	const struct tree_node *node = &g->tree.nodes[index];
	const char *label = index ? label_text(&g->labels,
					       tree_id(&g->tree, node->frame),
					       &g->out)
				  : "all";
	double x = g->x[index], width = width_of(g, index);
	double y = HEAD + (double)(g->depth - node->depth) * ROW;

	strbuf_adds(&g->out, "<g>");
	add_title(g, index, label);
	strbuf_addf(&g->out,
		    "<rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%d\" "
		    "fill=\"",
		    x, y, width > 1.5 ? width - 0.5 : width, ROW - 1);
	add_fill(g, index);
	strbuf_adds(&g->out, "\"/>");
	add_label(g, label, x, y, width);
	strbuf_adds(&g->out, "</g>\n");
	return write_flush(&g->out, g->f);
}

static void add_head(struct flame *g)
{
	_cleanup_strbuf_ struct strbuf title = { 0 };
	unsigned height = HEAD + (g->depth + 1) * ROW + MARGIN;

	formats_add_title(&title, g->rows);
	strbuf_addf(&g->out,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
		    "height=\"%u\" viewBox=\"0 0 %d %u\">\n<style>"
		    "svg{background:#fff;font:%dpx ui-monospace,Menlo,"
		    "'DejaVu Sans Mono',monospace}"
		    "text{fill:#1c1b1a}rect{rx:2px}g:hover rect{stroke:#1c1b1a}"
		    ".h{font:600 16px system-ui,sans-serif}"
		    ".s{font:13px system-ui,sans-serif;opacity:.7}"
		    "@media(prefers-color-scheme:dark){svg{background:#1b1b1d}"
		    ".h,.s{fill:#eee}g:hover rect{stroke:#fff}}"
		    "</style>\n<text class=\"h\" x=\"%d\" y=\"26\">",
		    WIDTH, height, WIDTH, height, FONT_SIZE, MARGIN);
	escape_markup(&g->out, strbuf_str(&title), title.len);
	strbuf_addf(&g->out, "</text>\n<text class=\"s\" x=\"%d\" y=\"48\">",
		    MARGIN);
	formats_add_measure(&g->out, tree_after(&g->tree, 0), false,
			    g->options);
	if (g->rows->before) {
		strbuf_adds(&g->out, " now, ");
		formats_add_measure(&g->out, g->tree.change[0], true,
				    g->options);
		strbuf_addf(&g->out,
			    ": width is what is %s now or was before, the "
			    "larger; red grew, blue shrank, grey is noise",
			    formats_counted(g->rows));
	} else {
		strbuf_addf(&g->out,
			    ": width is what is %s, the program's own code is "
			    "orange",
			    formats_counted(g->rows));
	}
	strbuf_adds(&g->out, "</text>\n");
	g->out.failed |= title.failed;
}

static struct hs_error *draw(struct flame *g)
{
	struct hs_error *err;
	uint32_t i;

	add_head(g);
	err = write_flush(&g->out, g->f);
	for (i = 0; !err && i < g->tree.n; i++)
		if (i == 0 || is_drawn(g, i))
			err = draw_node(g, i);
	if (err)
		return err;
	strbuf_adds(&g->out, "</svg>\n");
	return write_flush(&g->out, g->f);
}

struct hs_error *svg_write(FILE *f, const struct rows *rows,
			   const struct format_options *o)
{
	hs_cleanup(flame_release) struct flame g = { .f = f,
						     .rows = rows,
						     .options = o };
	struct hs_error *err;

	err = labels_init(&g.labels, rows, true);
	if (!err)
		err = tree_build(&g.tree, rows, formats_rows(rows, o->top),
				 g.labels.of_frame, TREE_CALLERS);
	if (!err)
		err = tree_count(&g.tree, o->sort, true);
	if (!err)
		err = tree_sort(&g.tree, by_size);
	if (err)
		return err;
	g.x = calloc(g.tree.n + 1, sizeof(*g.x));
	if (!g.x)
		return hs_error_nomem();
	g.x[0] = MARGIN;
	if (tree_most(&g.tree, 0) > 0)
		g.scale = (WIDTH - 2 * MARGIN) / (double)tree_most(&g.tree, 0);
	lay_out(&g);
	return draw(&g);
}
