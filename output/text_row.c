#include "output/text_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "output/label.h"
#include "output/short_path.h"

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
	const struct heap_counts inherited = row_inherited(t->rows, row);

	if (inherited.objects <= 0)
		return;
	strbuf_adds(&t->out, "  ");
	units_add_bytes(&t->out, llround(inherited.bytes), false,
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

/* The frames at the leaf of @row that one line speaks for: what the program
 * allocates through. */
static uint32_t hidden_frames(const struct text *t, const struct row *row)
{
	return t->options->all_frames || t->options->addresses ? 0
							       : row->wrappers;
}

/* "through zmalloc": what the first frame that is shown has called. On a line
 * of its own where the one that begins at t->out.buf[@start] has no room for
 * it. */
static void add_through(struct text *t, const struct row *row, size_t start)
{
	const uint32_t hidden = hidden_frames(t, row);
	const size_t width = t->options->width;
	_cleanup_strbuf_ struct strbuf name = { 0 }, sb = { 0 }, shown = { 0 };

	if (!hidden)
		return;
	label_add(&name, row_frame(t->rows, row, hidden - 1));
	strbuf_adds(&sb, "through ");
	text_add_escaped(&sb, strbuf_str(&name));
	if (width && style_width(strbuf_str(&t->out) + start) + 2 +
				     style_width(strbuf_str(&sb)) >
			     width) {
		strbuf_addc(&t->out, '\n');
		style_pad(&t->out, INDENT);
	} else {
		strbuf_adds(&t->out, "  ");
	}
	if (width)
		style_cut(&shown, strbuf_str(&sb), width - INDENT,
			  t->options->utf8);
	else
		strbuf_adds(&shown, strbuf_str(&sb));
	text_add(t, STYLE_FAINT, strbuf_str(&shown));
	t->out.failed |= name.failed || sb.failed || shown.failed;
}

/* Of what is in no sampled stack that is not known. */
static void add_before(struct text *t, const struct row *row)
{
	const struct heap_counts before = row_before(t->rows, row);

	if (row->unsampled)
		return;
	if (before.bytes > 0) {
		strbuf_adds(&t->out, "  was ");
		units_add_bytes(&t->out, llround(before.bytes), false,
				t->options->units);
	} else {
		strbuf_adds(&t->out, "  new");
	}
}

static void add_row_head(struct text *t, const struct row *row, size_t number)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	const struct rows *rows = t->rows;
	bool diff = rows->before;
	size_t start;

	strbuf_addc(&t->out, '\n');
	start = t->out.len;
	strbuf_addf(&t->out, "#%zu  ", number);
	text_add_estimate(t, &sb, row->bytes, row->error * row->error, diff);
	text_add(t, change_style(t, row), strbuf_str(&sb));
	t->out.failed |= sb.failed;
	if (!row->unsampled && rows_count_objects(rows)) {
		strbuf_adds(&t->out, "  ");
		units_add_counted(&t->out, row->objects, "object", diff);
	}
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
	if (diff)
		add_before(t, row);
	add_through(t, row, start);
	strbuf_addc(&t->out, '\n');
}

static void add_function(struct strbuf *sb, const struct row_frame *f)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };

	label_add(&name, f);
	text_add_escaped(sb, strbuf_str(&name));
	sb->failed |= name.failed;
	if (f->look->inlined)
		strbuf_adds(sb, " (inlined)");
}

/* A module says something where it is not the program, and the function's label
 * does not begin with it. */
static bool is_telling_module(const struct row_frame *f)
{
	return f->look->module && f->look->module != f->look->function &&
	       f->look->name && !f->look->program;
}

/* Appends file and line, or else the module. */
static void add_file(const struct text *t, struct strbuf *sb,
		     const struct row_frame *f)
{
	if (f->look->file && f->look->file != f->look->function) {
		text_add_escaped(sb, f->look->file);
		if (f->look->line)
			strbuf_addf(sb, ":%" PRIu32, f->look->line);
	} else if (t->options->all_frames) {
		if (f->look->module && f->look->module != f->look->function)
			text_add_escaped(sb, f->look->module);
	} else if (is_telling_module(f)) {
		text_add_escaped(sb, f->look->module_name);
	}
}

/* The width of the functions' column, after which the files' begins. */
static size_t function_width(struct text *t, const struct row *row,
			     uint32_t depth)
{
	size_t most = 0, width, limit = PIPED_FUNCTION_WIDTH;
	uint32_t i;

	if (t->options->width)
		limit = (t->options->width - INDENT) / 2;
	for (i = hidden_frames(t, row); i < depth; i++) {
		_cleanup_strbuf_ struct strbuf sb = { 0 };

		add_function(&sb, row_frame(t->rows, row, i));
		width = style_width(strbuf_str(&sb));
		if (width > most && width <= limit)
			most = width;
		t->out.failed |= sb.failed;
	}
	return most;
}

/* Ends the line that has @used columns with the file of @f, from @column on if
 * that is further, or where there is no room on a line of its own. */
static void add_file_at(struct text *t, const struct row_frame *f, size_t used,
			size_t column)
{
	_cleanup_strbuf_ struct strbuf file = { 0 };
	_cleanup_strbuf_ struct strbuf shown = { 0 };
	size_t width = t->options->width, at;

	add_file(t, &file, f);
	at = (used < column ? column : used) + 2;
	if (width &&
	    at + style_width(str_base_name(strbuf_str(&file))) > width) {
		strbuf_addc(&t->out, '\n');
		used = 0;
		at = 2 * INDENT + 2;
	}
	if (file.len) {
		if (width)
			short_path_add(&shown, strbuf_str(&file),
				       width > at ? width - at : 0,
				       t->options->utf8);
		else
			strbuf_adds(&shown, strbuf_str(&file));
		style_pad(&t->out, at - used);
		text_add(t, STYLE_FAINT, strbuf_str(&shown));
	}
	strbuf_addc(&t->out, '\n');
	t->out.failed |= file.failed || shown.failed;
}

void text_place(struct text *t, const struct row_frame *f, size_t used)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };

	add_function(&name, f);
	strbuf_adds(&t->out, "  ");
	text_add(t, STYLE_STRONG, strbuf_str(&name));
	add_file_at(t, f, used + 2 + style_width(strbuf_str(&name)), 0);
	t->out.failed |= name.failed;
}

/* Function and file on one line, with the files in a column where the function
 * is short enough, else on two lines. */
static void add_frame(struct text *t, const struct row_frame *f,
		      enum style style, size_t column)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };

	add_function(&name, f);
	style_pad(&t->out, INDENT);
	text_add(t, style, strbuf_str(&name));
	add_file_at(t, f, INDENT + style_width(strbuf_str(&name)),
		    INDENT + column);
	t->out.failed |= name.failed;
}

static enum style frame_style(const struct row_frame *f, bool faint,
			      bool *own_seen)
{
	if (f->look->library || faint)
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

	return f->look->inlined && i + 1 < row->depth &&
	       row_frame(t->rows, row, i + 1)->address == f->address;
}

/* The lookup address, its file offset, and its address in the file's own terms:
 * enough for another program to resolve it. */
static void add_addresses(struct text *t, const struct row_frame *f)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	uint64_t address;

	if (heap_address_is_invented(f->address))
		strbuf_adds(&sb, "no address");
	else
		strbuf_addf(&sb, "0x%" PRIx64, f->address);
	if (f->look->module) {
		strbuf_adds(&sb, "  ");
		text_add_escaped(&sb, f->look->module);
		if (row_frame_has_file_offset(f))
			strbuf_addf(&sb, "+0x%" PRIx64, f->offset);
	}
	if (row_frame_elf_address(f, &address))
		strbuf_addf(&sb, "  addr2line: 0x%" PRIx64, address);
	style_pad(&t->out, 2 * INDENT);
	text_add(t, STYLE_FAINT, strbuf_str(&sb));
	strbuf_addc(&t->out, '\n');
	t->out.failed |= sb.failed;
}

/* The frames that @a and @b have in common at their outer end. */
static uint32_t common_frames(const struct rows *rows, const struct row *a,
			      const struct row *b)
{
	uint32_t n = 0;

	while (n < a->depth && n < b->depth &&
	       row_frame(rows, a, a->depth - 1 - n)->key ==
		       row_frame(rows, b, b->depth - 1 - n)->key)
		n++;
	return n;
}

/* The number of outer frames of @row that a row above has as well, if that saves
 * lines; less than there are without wrappers. *ret: which row, from 1. */
static uint32_t frames_above(const struct text *t, const struct row *row,
			     size_t *ret)
{
	enum { WORTH = 3 };
	uint32_t most = 0, n;
	size_t i;

	if (!row->depth || t->options->all_frames || t->options->addresses)
		return 0;
	for (i = 0; i < t->n_written; i++) {
		n = common_frames(t->rows, row, t->written[i]);
		if (n + row->wrappers >= row->depth)
			n = row->depth - row->wrappers - 1;
		if (n > most) {
			most = n;
			*ret = i + 1;
		}
	}
	return most >= WORTH ? most : 0;
}

static void add_dots(struct text *t, const char *text)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	strbuf_addf(&sb, "%s %s", t->options->utf8 ? "…" : "...", text);
	style_pad(&t->out, INDENT);
	text_add(t, STYLE_FAINT, strbuf_str(&sb));
	strbuf_addc(&t->out, '\n');
	t->out.failed |= sb.failed;
}

/* The frames from the first that is shown to before @depth. */
static void add_frames(struct text *t, const struct row *row, uint32_t depth)
{
	const uint32_t first = hidden_frames(t, row);
	bool own_seen = false;
	bool faint = t->rows->before && row_is_noise(row);
	bool elide = t->options->width && !t->options->all_frames &&
		     depth > first + ELIDE_ABOVE;
	size_t column = function_width(t, row, depth);
	const struct row_frame *f;
	char text[64];
	uint32_t i;

	for (i = first; i < depth; i++) {
		if (elide && i == first + ELIDE_HEAD) {
			i = depth - ELIDE_TAIL;
			snprintf(text, sizeof(text),
				 "%u frames (-v shows them)",
				 depth - first - ELIDE_TAIL - ELIDE_HEAD);
			add_dots(t, text);
		}
		f = row_frame(t->rows, row, i);
		add_frame(t, f, frame_style(f, faint, &own_seen), column);
		if (t->options->addresses &&
		    !has_caller_at_its_address(t, row, i))
			add_addresses(t, f);
	}
}

void text_row(struct text *t, const struct row *row, size_t number)
{
	char text[64];
	size_t above = 0;
	uint32_t common = frames_above(t, row, &above);

	add_row_head(t, row, number);
	if (row_trend(t->rows, row))
		text_trend_row(t, row);
	if (!t->rows->before || !row_is_noise(row))
		text_age_row(t, row);
	add_frames(t, row, row->depth - common);
	if (!common)
		return;
	snprintf(text, sizeof(text), "%u frames as in #%zu", common, above);
	add_dots(t, text);
}
