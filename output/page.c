#include "output/page.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/intern.h"
#include "output/breakdown_rows.h"
#include "output/formats.h"
#include "output/json.h"
#include "output/label.h"
#include "output/page_assets.h"
#include "output/sentence.h"
#include "output/tree.h"
#include "output/write.h"

/* The same values as in the page's script. */
enum { FRAME_INLINED = 1, FRAME_LIBRARY = 2 };

struct page {
	FILE *f;
	const struct rows *rows;
	const struct format_options *options;
	struct intern strings;
	struct tree tree;
	struct strbuf out;
};

static void page_release(struct page *p)
{
	intern_release(&p->strings);
	tree_release(&p->tree);
	strbuf_release(&p->out);
}

/* Adds a string of JSON within <script>, which ends at "</script" and changes
 * its meaning at "<!--", even within strings. (HTML standard, "Restrictions for
 * contents of script elements") */
static void add_string(struct strbuf *sb, const char *s)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	const char *p;

	escape_terminal(&text, s, strlen(s));
	strbuf_addc(sb, '"');
	for (p = strbuf_str(&text); *p; p++) {
		if (*p == '"' || *p == '\\')
			strbuf_addc(sb, '\\');
		if (*p == '<')
			strbuf_adds(sb, "\\u003c");
		else
			strbuf_addc(sb, *p);
	}
	strbuf_addc(sb, '"');
	sb->failed |= text.failed;
}

static struct hs_error *flush_some(struct page *p)
{
	return p->out.len < 65536 ? NULL : write_flush(&p->out, p->f);
}

static void write_place(struct page *p, const struct culprits *all,
			const struct culprit *c)
{
	_cleanup_strbuf_ struct strbuf place = { 0 };

	culprit_add(&place, c, 0, true);
	strbuf_addf(&p->out, "[%.1f,%" PRId64 ",", culprits_share(all, c),
		    c->bytes);
	add_string(&p->out, strbuf_str(&place));
	strbuf_addc(&p->out, ']');
	p->out.failed |= place.failed;
}

/* What breaks lines of a terminal is a blank here. */
static void join_lines(struct strbuf *sb)
{
	size_t i;

	for (i = 0; i < sb->len; i++)
		if (sb->buf[i] == '\n')
			sb->buf[i] = ' ';
}

/* What the text report begins with. */
static struct hs_error *write_sentence(struct page *p)
{
	const struct text_options options = { .utf8 = true,
					      .sort = p->options->sort,
					      .units = p->options->units };
	hs_cleanup(culprits_release) struct culprits grew = { 0 };
	hs_cleanup(culprits_release) struct culprits shrank = { 0 };
	_cleanup_strbuf_ struct strbuf said = { 0 };
	struct hs_error *err;
	size_t i;

	err = culprits_find(p->rows, CULPRITS_GREW, &grew);
	if (!err)
		err = culprits_find(p->rows, CULPRITS_SHRANK, &shrank);
	if (err)
		return err;
	sentence_add(&said, p->rows, &grew, &shrank, &options);
	strbuf_adds(&said, ". ");
	sentence_add_verdict(&said, p->rows, &options);
	strbuf_adds(&p->out, ",\n\"sentence\":");
	join_lines(&said);
	add_string(&p->out, strbuf_str(&said));
	strbuf_adds(&p->out, ",\n\"lines\":[");
	for (i = 0; i < grew.n; i++) {
		strbuf_adds(&p->out, i ? "," : "");
		write_place(p, &grew, &grew.items[i]);
	}
	strbuf_addc(&p->out, ']');
	return strbuf_check(&said);
}

static struct hs_error *write_head(struct page *p)
{
	_cleanup_free_ char *head = NULL;
	struct hs_error *err = json_head(p->rows, &head);
	const char *s;

	if (err)
		return err;
	strbuf_addf(&p->out, "{\"noun\":\"%s\",\"what\":\"%s\",\n\"head\":",
		    rows_noun(p->rows), formats_counted(p->rows));
	/* In JSON, "<" occurs within strings only. */
	for (s = head; *s; s++) {
		if (*s == '<')
			strbuf_adds(&p->out, "\\u003c");
		else
			strbuf_addc(&p->out, *s);
	}
	return NULL;
}

/* The memory breakdown, as the text report has it with -v: of a row its kind and
 * part, by their numbers in C, its label, and the bytes before and after. */
static void write_breakdown_row(struct page *p, const struct breakdown_row *row)
{
	strbuf_addf(&p->out, "[%d,%d,", (int)row->kind, (int)row->part);
	add_string(&p->out, row->label);
	if (row->before == BREAKDOWN_UNKNOWN)
		strbuf_adds(&p->out, ",null");
	else
		strbuf_addf(&p->out, ",%" PRId64, row->before);
	if (row->after == BREAKDOWN_UNKNOWN)
		strbuf_adds(&p->out, ",null]");
	else
		strbuf_addf(&p->out, ",%" PRId64 "]", row->after);
}

static void write_breakdown(struct page *p)
{
	const struct rows *rows = p->rows;
	const struct breakdown_view view = {
		.before = rows->before ? &rows->before->meta : NULL,
		.after = &rows->after->meta,
		.estimate_before = rows->before ? &rows->before->total : NULL,
		.estimate_after = &rows->after->total,
		.units = p->options->units,
		.utf8 = true,
	};
	hs_cleanup(breakdown_rows_release) struct breakdown_rows list;
	size_t i;

	breakdown_rows_make(&list, &view);
	strbuf_addf(&p->out, ",\n\"breakdown\":{\"diff\":%s,\"rows\":[",
		    list.diff ? "true" : "false");
	for (i = 0; i < list.n; i++) {
		strbuf_adds(&p->out, i ? "," : "");
		write_breakdown_row(p, &list.items[i]);
	}
	strbuf_adds(&p->out, "]}");
	p->out.failed |= list.failed;
}

/* The index of @s in the page's strings; NULL counts as "". */
static struct hs_error *add_text(struct page *p, const char *s, uint32_t *ret)
{
	return intern_number(&p->strings, s ? s : "", s ? strlen(s) : 0, ret);
}

static struct hs_error *write_frame(struct page *p, const struct row_frame *f)
{
	_cleanup_strbuf_ struct strbuf label = { 0 };
	uint32_t name = 0, file = 0, module = 0;
	struct hs_error *err;

	label_add(&label, f);
	err = strbuf_check(&label);
	if (!err)
		err = add_text(p, strbuf_str(&label), &name);
	if (!err)
		err = add_text(p, f->look->file, &file);
	if (!err)
		err = add_text(p, f->look->module, &module);
	strbuf_addf(&p->out,
		    "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%d", name,
		    file, f->look->line, module,
		    (f->look->inlined ? FRAME_INLINED : 0) |
			    (f->look->library ? FRAME_LIBRARY : 0));
	return err ? err : flush_some(p);
}

/* The page has frames of the same appearance once, by their keys, which are
 * numbered in the order of the first of each. */
static struct hs_error *write_frames(struct page *p)
{
	const struct rows *rows = p->rows;
	struct hs_error *err = NULL;
	uint32_t n = 0;
	size_t i;

	err = intern_reserve(&p->strings, rows->n_frames);
	strbuf_adds(&p->out, ",\n\"frames\":[");
	for (i = 0; !err && i < rows->n_frames; i++) {
		if (rows->frames[i].key < n)
			continue;
		if (n++)
			strbuf_addc(&p->out, ',');
		err = write_frame(p, &rows->frames[i]);
	}
	strbuf_addc(&p->out, ']');
	intern_finish(&p->strings);
	return err;
}

static struct hs_error *write_tree(struct page *p)
{
	const struct tree_node *node;
	struct hs_error *err = NULL;
	size_t i;

	strbuf_adds(&p->out, ",\n\"parents\":[-1");
	for (i = 1; !err && i < p->tree.n; i++) {
		strbuf_addf(&p->out, ",%" PRIu32, p->tree.nodes[i].parent);
		err = flush_some(p);
	}
	strbuf_adds(&p->out, "],\n\"of\":[-1");
	for (i = 1; !err && i < p->tree.n; i++) {
		node = &p->tree.nodes[i];
		strbuf_addf(&p->out, ",%" PRIu32,
			    tree_id(&p->tree, node->frame));
		err = flush_some(p);
	}
	strbuf_addc(&p->out, ']');
	return err;
}

static struct hs_error *write_stacks(struct page *p, size_t end)
{
	struct measure bytes, objects;
	struct hs_error *err = NULL;
	const struct row *row;
	size_t i;

	strbuf_adds(&p->out, ",\n\"rows\":[");
	for (i = 0; !err && i < end; i++) {
		row = &p->rows->items[i];
		bytes = measure_of(p->rows, row, ROWS_BY_BYTES);
		objects = measure_of(p->rows, row, ROWS_BY_OBJECTS);
		strbuf_addf(&p->out,
			    "%s%" PRIu32 ",%" PRId64 ",%" PRId64 ",%" PRId64
			    ",%" PRId64 ",%.0f,%" PRIu32,
			    i ? "," : "", p->tree.leaf[i], bytes.before,
			    bytes.after, objects.before, objects.after,
			    row->error, row->wrappers);
		err = flush_some(p);
	}
	strbuf_addc(&p->out, ']');
	return err;
}

/* The trends of the rows. */
static struct hs_error *write_trends(struct page *p, size_t end)
{
	const struct rows_series *series = &p->rows->series;
	struct hs_error *err = NULL;
	const struct row *row;
	size_t i, k;

	if (!series->n)
		return NULL;
	strbuf_adds(&p->out, ",\n\"times\":[");
	for (k = 0; k < series->n; k++) {
		const char *time = series->profiles[k]->meta.taken_at;

		strbuf_adds(&p->out, k ? "," : "");
		add_string(&p->out, time ? time : "");
	}
	strbuf_adds(&p->out, "],\n\"points\":[");
	for (i = 0; !err && i < end; i++) {
		row = &p->rows->items[i];
		for (k = 0; k < series->n; k++)
			strbuf_addf(&p->out, "%s%.0f", i || k ? "," : "",
				    row_point(p->rows, row, k)->bytes);
		err = flush_some(p);
	}
	strbuf_adds(&p->out, "],\n\"trends\":[");
	for (i = 0; !err && i < end; i++) {
		row = &p->rows->items[i];
		strbuf_addf(
			&p->out, "%s%.6g,\"%s\"", i ? "," : "",
			row_trend(p->rows, row)->slope,
			heap_verdict_name(row_trend(p->rows, row)->verdict));
		err = flush_some(p);
	}
	strbuf_addc(&p->out, ']');
	return err;
}

static struct hs_error *write_strings(struct page *p)
{
	struct hs_error *err = NULL;
	size_t i;

	strbuf_adds(&p->out, ",\n\"strings\":[");
	for (i = 0; !err && i < p->strings.n; i++) {
		if (i)
			strbuf_addc(&p->out, ',');
		add_string(&p->out, p->strings.items[i]);
		err = flush_some(p);
	}
	strbuf_adds(&p->out, "]}\n");
	return err;
}

static struct hs_error *write_data(struct page *p)
{
	const struct rows *rows = p->rows;
	size_t end = formats_rows(rows, p->options->top);
	struct hs_error *err;

	err = write_head(p);
	if (!err)
		err = write_sentence(p);
	if (!err)
		write_breakdown(p);
	if (!err)
		err = write_frames(p);
	if (!err)
		err = tree_build(&p->tree, rows, end, NULL, TREE_WRAPPERS);
	if (!err)
		err = write_tree(p);
	if (!err)
		err = write_stacks(p, end);
	if (!err)
		err = write_trends(p, end);
	return err ? err : write_strings(p);
}

/* What stands for "@NAME@" in the page, as it is; the policy in its head has the
 * hashes of the style and the script, so that a browser runs no other one. */
static const struct part {
	const char *name;
	const unsigned char *text;
} parts[] = {
	{ "STYLE", page_page_css },
	{ "STYLE_HASH", page_page_css_sha256 },
	{ "SCRIPT", page_script_js },
	{ "SCRIPT_HASH", page_script_js_sha256 },
};

/* The replacement for "@NAME@" in the page. */
static struct hs_error *fill_in(struct page *p, const char *name, size_t len)
{
	_cleanup_strbuf_ struct strbuf title = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strlen(parts[i].name) != len ||
		    memcmp(parts[i].name, name, len) != 0)
			continue;
		strbuf_adds(&p->out, (const char *)parts[i].text);
		return NULL;
	}
	if (len != 5 || memcmp(name, "TITLE", len) != 0)
		return write_data(p);
	formats_add_title(&title, p->rows);
	escape_markup(&p->out, strbuf_str(&title), title.len);
	return strbuf_check(&title);
}

struct hs_error *page_write(FILE *f, const struct rows *rows,
			    const struct format_options *o)
{
	hs_cleanup(page_release) struct page p = { .f = f,
						   .rows = rows,
						   .options = o };
	const char *s = (const char *)page_page_html, *at, *end;
	struct hs_error *err = NULL;

	for (; !err && (at = strchr(s, '@')); s = end + 1) {
		strbuf_add(&p.out, s, (size_t)(at - s));
		end = strchr(at + 1, '@');
		if (!end)
			break;
		err = fill_in(&p, at + 1, (size_t)(end - at - 1));
	}
	if (err)
		return err;
	strbuf_adds(&p.out, s);
	return write_flush(&p.out, f);
}
