#include "output/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void table_release(struct table *t)
{
	strbuf_release(&t->text);
	free(t->cells);
	*t = (struct table){ 0 };
}

static void table_end_cell(struct table *t)
{
	if (!t->n || t->text.failed)
		return;
	t->cells[t->n - 1].len = t->text.len - t->cells[t->n - 1].start;
	strbuf_add(&t->text, "", 1);
}

void table_cell(struct table *t, enum style style)
{
	table_end_cell(t);
	if (!ARRAY_GROW(t->cells, t->cap, t->n + 1)) {
		t->text.failed = true;
		return;
	}
	t->cells[t->n++] =
		(struct table_cell){ .start = t->text.len, .style = style };
}

void table_end_row(struct table *t)
{
	while (!t->text.failed && t->n % t->columns)
		table_cell(t, STYLE_PLAIN);
}

static const char *cell_text(const struct table *t, size_t i)
{
	return strbuf_str(&t->text) + t->cells[i].start;
}

static void write_row(const struct table *t, struct strbuf *sb, size_t first,
		      const size_t *widths, size_t indent, bool color)
{
	size_t i, used, gap = indent;
	const struct table_cell *cell;

	/* Adds spaces only when text follows them. */
	for (i = 0; i < t->columns; i++) {
		cell = &t->cells[first + i];
		used = style_width(cell_text(t, first + i));
		if (t->right & 1u << i)
			gap += widths[i] - used;
		if (cell->len) {
			style_pad(sb, gap);
			style_add(sb, cell->style, color,
				  cell_text(t, first + i), cell->len);
			gap = 0;
		}
		if (!(t->right & 1u << i))
			gap += widths[i] - used;
		if (widths[i])
			gap += 2;
	}
	strbuf_addc(sb, '\n');
}

void table_write(struct table *t, struct strbuf *sb, size_t indent, bool color)
{
	size_t widths[TABLE_COLUMNS] = { 0 }, i, width;

	table_end_row(t);
	table_end_cell(t);
	if (t->text.failed) {
		sb->failed = true;
		return;
	}
	for (i = 0; i < t->n; i++) {
		width = style_width(cell_text(t, i));
		if (width > widths[i % t->columns])
			widths[i % t->columns] = width;
	}
	for (i = 0; i < t->n; i += t->columns)
		write_row(t, sb, i, widths, indent, color);
	t->n = 0;
	strbuf_clear(&t->text);
}
