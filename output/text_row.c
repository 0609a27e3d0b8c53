#include "output/text_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "output/label.h"

enum {
	INDENT = 4,
	/* Without a terminal there is no width limit to divide. */
	PIPED_FUNCTION_WIDTH = 48,
	/* A terminal page has room for so much of a deep recursion. */
	ELIDE_ABOVE = 24,
	ELIDE_HEAD = 16,
	ELIDE_TAIL = 4,
};

/* "83% of the growth" */
static void add_share(struct text *t, const struct row *row)
{
	const struct rows *rows = t->rows;
	const bool live = rows->counts == ROWS_INUSE &&
			  rows->after->kind == HEAP_LIVE;
	int64_t whole = rows->before ? rows->grown.bytes : rows->net.bytes;

	if (row->bytes <= 0 || whole <= 0)
		return;
	strbuf_addf(&t->out, "  %.0f%%%s",
		    100 * (double)row->bytes / (double)whole,
		    rows->before ? " of growth"
		    : live	 ? " of live heap"
				 : " of all");
}

/* What is counted in each of several processes. */
static void add_inherited(struct text *t, const struct row *row)
{
	if (row->inherited.objects <= 0)
		return;
	strbuf_adds(&t->out, "  ");
	units_add_bytes(&t->out, llround(row->inherited.bytes), false,
			t->options->units);
	strbuf_adds(&t->out, " inherited by fork");
}

static enum style change_style(const struct text *t, const struct row *row)
{
	if (!t->rows->before)
		return STYLE_STRONG;
	if (row_is_noise(row))
		return STYLE_FAINT;
	if (row->bytes == 0)
		return row->objects > 0 ? STYLE_GROWN : STYLE_SHRUNK;
	return row->bytes > 0 ? STYLE_GROWN : STYLE_SHRUNK;
}

static void add_row_head(struct text *t, const struct row *row, size_t number)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	const struct rows *rows = t->rows;
	bool diff = rows->before;
	int64_t was = llround(row->before.bytes);

	strbuf_addf(&t->out, "\n#%zu  ", number);
	text_add_estimate(t, &sb, row->bytes, row->error * row->error, diff);
	text_add(t, change_style(t, row), strbuf_str(&sb));
	strbuf_adds(&t->out, "  ");
	units_add_counted(&t->out, row->objects, "object", diff);
	if (diff && row_is_noise(row)) {
		strbuf_adds(&t->out, "  ");
		text_add(t, STYLE_FAINT, "within noise");
	}
	/* What grew is among these, when nothing else did. */
	if (!diff || !row_is_noise(row) ||
	    (rows->live.grew && rows->seconds_until_sure > 0))
		add_share(t, row);
	if (!diff || !row_is_noise(row))
		add_inherited(t, row);
	if (diff && row->before.objects > 0) {
		strbuf_adds(&t->out, "  was ");
		units_add_bytes(&t->out, was, false, t->options->units);
	} else if (diff) {
		strbuf_adds(&t->out, "  new");
	}
	strbuf_addc(&t->out, '\n');
}

static void add_function(struct strbuf *sb, const struct row_frame *f)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };

	label_add(&name, f);
	text_add_escaped(sb, strbuf_str(&name));
	sb->failed |= name.failed;
	if (f->inlined)
		strbuf_adds(sb, " (inlined)");
}

/* Appends file and line, or else the module. */
static void add_file(struct strbuf *sb, const struct row_frame *f)
{
	if (f->file && f->file != f->function) {
		text_add_escaped(sb, f->file);
		if (f->line)
			strbuf_addf(sb, ":%" PRIu32, f->line);
	} else if (f->module && f->module != f->function) {
		text_add_escaped(sb, f->module);
	}
}

/* Appends @path, without its first folders when it is wider than @width. */
static void add_short_path(const struct text *t, struct strbuf *sb,
			   const char *path, size_t width)
{
	const char *dots = t->options->utf8 ? "…" : "...";
	size_t left = width - style_width(dots);
	const char *p = path;

	if (style_width(path) <= width || width <= style_width(dots)) {
		strbuf_adds(sb, path);
		return;
	}
	do
		p = strchr(p + 1, '/');
	while (p && style_width(p) > left);
	if (!p) {
		/* Even the base name is too long. */
		strbuf_adds(sb, str_base_name(path));
		return;
	}
	strbuf_adds(sb, dots);
	strbuf_adds(sb, p);
}

/* The width of the functions' column, after which the files' begins. */
static size_t function_width(struct text *t, const struct row *row)
{
	size_t most = 0, width, limit = PIPED_FUNCTION_WIDTH;
	uint32_t i;

	if (t->options->width)
		limit = (t->options->width - INDENT) / 2;
	for (i = 0; i < row->depth; i++) {
		_cleanup_strbuf_ struct strbuf sb = { 0 };

		add_function(&sb, row_frame(t->rows, row, i));
		width = style_width(strbuf_str(&sb));
		if (width > most && width <= limit)
			most = width;
	}
	return most;
}

/* Function and file on one line, with the files in a column where the function
 * is short enough, else on two lines. */
static void add_frame(struct text *t, const struct row_frame *f,
		      enum style style, size_t column)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };
	_cleanup_strbuf_ struct strbuf file = { 0 };
	_cleanup_strbuf_ struct strbuf shown = { 0 };
	size_t width = t->options->width, used, left;

	add_function(&name, f);
	add_file(&file, f);
	style_pad(&t->out, INDENT);
	text_add(t, style, strbuf_str(&name));
	used = style_width(strbuf_str(&name));
	if (used < column)
		style_pad(&t->out, column - used);
	used = INDENT + (used < column ? column : used) + 2;
	if (width &&
	    used + style_width(str_base_name(strbuf_str(&file))) > width) {
		strbuf_addc(&t->out, '\n');
		used = 2 * INDENT + 2;
		style_pad(&t->out, used - 2);
	}
	if (file.len) {
		left = width > used ? width - used : 0;
		if (width)
			add_short_path(t, &shown, strbuf_str(&file), left);
		else
			strbuf_adds(&shown, strbuf_str(&file));
		strbuf_adds(&t->out, "  ");
		text_add(t, STYLE_FAINT, strbuf_str(&shown));
	}
	strbuf_addc(&t->out, '\n');
	t->out.failed |= name.failed || file.failed || shown.failed;
}

static enum style frame_style(const struct row_frame *f, bool faint,
			      bool *own_seen)
{
	if (f->library || faint)
		return STYLE_FAINT;
	if (*own_seen)
		return STYLE_PLAIN;
	*own_seen = true;
	return STYLE_STRONG;
}

/* Frame @i is inlined into a call that is shown as well, which has the same
 * address. */
static bool has_caller_at_its_address(const struct text *t,
				      const struct row *row, uint32_t i)
{
	const struct row_frame *f = row_frame(t->rows, row, i);

	return f->inlined && i + 1 < row->depth &&
	       row_frame(t->rows, row, i + 1)->address == f->address;
}

/* The lookup address, its file offset, and its address in the file's own terms:
 * enough for another program to resolve it. */
static void add_addresses(struct text *t, const struct row_frame *f)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	strbuf_addf(&sb, "0x%" PRIx64, f->address);
	if (f->module) {
		strbuf_adds(&sb, "  ");
		text_add_escaped(&sb, f->module);
		strbuf_addf(&sb, "+0x%" PRIx64, f->offset);
	}
	if (f->has_elf_address)
		strbuf_addf(&sb, "  addr2line: 0x%" PRIx64, f->elf_address);
	style_pad(&t->out, 2 * INDENT);
	text_add(t, STYLE_FAINT, strbuf_str(&sb));
	strbuf_addc(&t->out, '\n');
	t->out.failed |= sb.failed;
}

void text_row(struct text *t, const struct row *row, size_t number)
{
	bool own_seen = false;
	bool faint = t->rows->before && row_is_noise(row);
	bool elide = t->options->width && !t->options->all_frames &&
		     row->depth > ELIDE_ABOVE;
	size_t column = function_width(t, row);
	const struct row_frame *f;
	uint32_t i;

	add_row_head(t, row, number);
	if (row->trend)
		text_trend_row(t, row);
	for (i = 0; i < row->depth; i++) {
		if (elide && i == ELIDE_HEAD) {
			_cleanup_strbuf_ struct strbuf sb = { 0 };

			i = row->depth - ELIDE_TAIL;
			strbuf_addf(&sb, "%s %u frames (-v shows them)",
				    t->options->utf8 ? "…" : "...",
				    row->depth - ELIDE_TAIL - ELIDE_HEAD);
			style_pad(&t->out, INDENT);
			text_add(t, STYLE_FAINT, strbuf_str(&sb));
			strbuf_addc(&t->out, '\n');
		}
		f = row_frame(t->rows, row, i);
		add_frame(t, f, frame_style(f, faint, &own_seen), column);
		if (t->options->addresses &&
		    !has_caller_at_its_address(t, row, i))
			add_addresses(t, f);
	}
}
