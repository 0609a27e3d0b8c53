/* The markdown of GitHub and GitLab (GFM), for pull requests and chats. */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/str.h"
#include "heap/remarks.h"
#include "output/culprits.h"
#include "output/findings.h"
#include "output/formats.h"
#include "output/label.h"
#include "output/sentence.h"
#include "output/write.h"

/* In bytes, so that the whole is below 2 KB. */
enum {
	WHOLE = 2000,
	SENTENCE = 400,
	REMARK = 150,
	MOST_REMARKS = 2,
	NAME = 80,
	FOOT = 400, /* two remarks, and how much is not shown */
	FRAMES = 3, /* of a stack */
};

/* Appends at most @most bytes of @s, as code, in which nothing has a meaning to
 * markdown but backticks, and bars in a table (@cell); escaped for a
 * terminal. */
static void add_code(struct strbuf *sb, const char *s, size_t most, bool cell)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	size_t i, len, run = 0, longest = 0;

	escape_terminal(&text, s, strlen(s));
	len = text.len < most ? text.len : most;
	/* Not amid a character. */
	while (len < text.len && len && (text.buf[len] & 0xc0) == 0x80)
		len--;
	for (i = 0; i < len; i++) {
		run = text.buf[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	for (i = 0; i <= longest; i++)
		strbuf_addc(sb, '`');
	if (longest)
		strbuf_addc(sb, ' ');
	for (i = 0; i < len; i++) {
		if (cell && text.buf[i] == '|')
			strbuf_addc(sb, '\\');
		strbuf_addc(sb, text.buf[i]);
	}
	if (len < text.len)
		strbuf_adds(sb, "...");
	if (longest)
		strbuf_addc(sb, ' ');
	for (i = 0; i <= longest; i++)
		strbuf_addc(sb, '`');
	sb->failed |= text.failed;
}

static struct hs_error *add_head(struct strbuf *sb, const struct rows *rows,
				 const struct text_options *o)
{
	hs_cleanup(culprits_release) struct culprits grew = { 0 };
	hs_cleanup(culprits_release) struct culprits shrank = { 0 };
	_cleanup_strbuf_ struct strbuf said = { 0 };
	struct hs_error *err;

	err = culprits_find(rows, CULPRITS_GREW, &grew);
	if (!err && rows->before)
		err = culprits_find(rows, CULPRITS_SHRANK, &shrank);
	if (err)
		return err;
	sentence_add(&said, rows, &grew, &shrank, o);
	add_code(sb, strbuf_str(&said), SENTENCE, false);
	strbuf_adds(sb, "\n\n");
	if (o->verdict.above) {
		strbuf_adds(sb, "**Above the limit**: ");
		add_code(sb, o->verdict.above, REMARK, false);
		strbuf_adds(sb, "\n\n");
	} else if (o->verdict.given) {
		strbuf_adds(sb, "Within the limit.\n\n");
	}
	sb->failed |= said.failed;
	return NULL;
}

/* "`leak_test` leak.c:8 < `main` leak.c:10", from the responsible frame on. */
static void add_stack(struct strbuf *sb, const struct rows *rows,
		      const struct row *row)
{
	uint32_t i, end = row->wrappers + FRAMES;

	for (i = row->wrappers; i < row->depth && i < end; i++) {
		const struct row_frame *f = row_frame(rows, row, i);
		_cleanup_strbuf_ struct strbuf name = { 0 };

		label_add(&name, f);
		if (f->look->file)
			strbuf_addf(&name, " %s", str_base_name(f->look->file));
		if (f->look->file && f->look->line)
			strbuf_addf(&name, ":%" PRIu32, f->look->line);
		strbuf_adds(sb, i == row->wrappers ? "" : " ← ");
		add_code(sb, strbuf_str(&name), NAME, true);
		sb->failed |= name.failed;
	}
	if (!row->depth)
		finding_add_name(sb, rows, row);
}

static void add_row(struct strbuf *sb, const struct rows *rows,
		    const struct row *row, enum units units)
{
	strbuf_adds(sb, "| ");
	finding_add_amount(sb, rows, row, units);
	strbuf_adds(sb, " | ");
	add_stack(sb, rows, row);
	strbuf_adds(sb, " |\n");
}

static void add_left_out(struct strbuf *sb, const struct rows *rows,
			 size_t left_out, int64_t bytes, enum units units)
{
	if (!left_out)
		return;
	strbuf_addf(sb, "\n%zu more %s%s: ", left_out, rows_noun(rows),
		    left_out == 1 ? "" : "s");
	units_add_bytes(sb, bytes, rows->before != NULL, units);
	strbuf_addc(sb, '\n');
}

/* The largest findings for which there is room. */
static void add_table(struct strbuf *sb, const struct rows *rows,
		      const struct text_options *o)
{
	size_t i, shown = 0, left_out = 0;
	int64_t bytes = 0;

	for (i = 0; i < rows->n; i++) {
		const struct row *row = &rows->items[i];
		_cleanup_strbuf_ struct strbuf line = { 0 };

		if (!finding_is(rows, row))
			continue;
		if (!left_out && (!o->top || shown < o->top))
			add_row(&line, rows, row, o->units);
		sb->failed |= line.failed;
		if (!line.len || sb->len + line.len > WHOLE - FOOT) {
			left_out++;
			bytes += row->bytes;
			continue;
		}
		if (!shown++)
			strbuf_addf(sb, "| %s | stack |\n|--:|:--|\n",
				    rows->before ? "growth" : "memory");
		strbuf_adds(sb, strbuf_str(&line));
	}
	if (!shown && !left_out)
		findings_add_none(sb, rows);
	if (!shown && !left_out)
		strbuf_addc(sb, '\n');
	add_left_out(sb, rows, left_out, bytes, o->units);
}

static size_t add_remarks(struct strbuf *sb, const struct heap_profile *p,
			  size_t shown)
{
	size_t i;

	for (i = 0; p && i < p->n_remarks && shown < MOST_REMARKS; i++) {
		strbuf_adds(sb, shown ? "" : "\n");
		strbuf_adds(sb, "- ");
		add_code(sb, p->remarks[i].text, REMARK, false);
		strbuf_addc(sb, '\n');
		shown++;
	}
	return shown;
}

struct hs_error *markdown_write(FILE *f, const struct rows *rows,
				const struct text_options *options)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct text_options o = *options;
	struct hs_error *err;
	size_t shown;

	/* A file, whatever the terminal. */
	o.width = 0;
	o.color = false;
	o.utf8 = true;
	err = add_head(&sb, rows, &o);
	if (err)
		return err;
	add_table(&sb, rows, &o);
	shown = add_remarks(&sb, rows->before, 0);
	add_remarks(&sb, rows->after, shown);
	return write_flush(&sb, f);
}
