#include "output/breakdown_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "heap/diagnosis.h"
#include "output/style.h"
#include "output/table.h"
#include "output/wrap.h"

/* The words for each part in the diagnosis. */
static const struct saying {
	const char *subject; /* before "... grew by 1.2 MiB" */
	const char *meaning; /* NULL: none */
} sayings[HEAP_BREAKDOWN_PARTS] = {
	[HEAP_BREAKDOWN_LIVE] = { "malloc: live allocations",
				  "a leak through malloc, if that goes on" },
	[HEAP_BREAKDOWN_TCACHE] = { "malloc: the caches of threads", NULL },
	[HEAP_BREAKDOWN_KEPT] = { "dirty pages: what jemalloc keeps of freed "
				  "memory",
				  NULL },
	[HEAP_BREAKDOWN_METADATA] = { "jemalloc's own data", NULL },
	[HEAP_BREAKDOWN_STACKS] = { "not jemalloc: stacks of threads", NULL },
	[HEAP_BREAKDOWN_FILES] = { "not jemalloc: page cache of mapped files",
				   "the kernel takes it back when it needs "
				   "memory" },
	[HEAP_BREAKDOWN_SHARED] = { "not jemalloc: shared memory", NULL },
	[HEAP_BREAKDOWN_MMAP] = { "not jemalloc: anonymous mappings made by mmap",
				  NULL },
	[HEAP_BREAKDOWN_BRK] = { "not jemalloc: the heap of another malloc, brk",
				 NULL },
	[HEAP_BREAKDOWN_CODE] = { "not jemalloc: pages of the program and its "
				  "libraries",
				  NULL },
	[HEAP_BREAKDOWN_OTHER] = { "not jemalloc: named or executable memory",
				   NULL },
	[HEAP_BREAKDOWN_UNATTRIBUTED] = { "memory of jemalloc or of mmap, which "
					  "cannot be told apart",
					  NULL },
};

static void say_share(struct strbuf *sb, const struct heap_diagnosis *d)
{
	if (d->grown > d->bytes)
		strbuf_addf(sb, ", %" PRId64 "%% of what grew",
			    d->bytes * 100 / d->grown);
}

/* When freed pages come back. */
static void say_return(struct strbuf *sb, const struct breakdown_view *v)
{
	struct heap_breakdown after;

	heap_breakdown_make(v->after, &after);
	if (after.kept_ms < 0)
		strbuf_adds(sb, "would come back after decay");
	else
		breakdown_add_return(sb, &after);
}

/* Where one step back undid as much as is left of all steps, what is left says
 * more of when the snapshots were taken than of a leak; where it undid a part
 * of it, both may be. */
static void say_meaning(struct strbuf *sb, const struct heap_diagnosis *d,
			const struct breakdown_view *v)
{
	enum { PART = 4 };
	const char *meaning = sayings[d->part].meaning;
	const int64_t fell = d->part == HEAP_BREAKDOWN_LIVE ? v->live_fell : 0;

	if (fell >= d->bytes)
		meaning = "they come and go";
	if (meaning)
		strbuf_addf(sb, ":\n%s", meaning);
	if (d->part == HEAP_BREAKDOWN_KEPT) {
		strbuf_adds(sb, ":\nit ");
		say_return(sb, v);
	}
	if (fell < d->bytes / PART)
		return;
	strbuf_addf(sb, "%s shrank by ", fell >= d->bytes ? ", and" : "; they");
	units_add_bytes(sb, fell, false, v->units);
	strbuf_adds(sb, " in between");
}

static void say_growth(struct strbuf *sb, const struct heap_diagnosis *d,
		       const struct breakdown_view *v)
{
	if (d->kind == HEAP_DIAGNOSIS_MIXED)
		strbuf_adds(sb, "several things grew, most of all ");
	if (d->part == HEAP_BREAKDOWN_SLACK) {
		strbuf_addf(sb,
			    "fragmentation: %d%% of active pages are free "
			    "space inside,\nwhich grew by ",
			    d->slack_percent);
		units_add_bytes(sb, d->bytes, false, v->units);
		say_share(sb, d);
		return;
	}
	strbuf_addf(sb, "%s grew by ", sayings[d->part].subject);
	units_add_bytes(sb, d->bytes, false, v->units);
	say_share(sb, d);
	say_meaning(sb, d, v);
}

static void say_state(struct strbuf *sb, const struct heap_diagnosis *d,
		      bool diff, const struct breakdown_view *v)
{
	if (diff)
		strbuf_adds(sb, "nothing grew; but ");
	if (d->part == HEAP_BREAKDOWN_SLACK) {
		strbuf_addf(sb,
			    "fragmentation: %d%% of active pages are free "
			    "space inside,\n",
			    d->slack_percent);
	} else {
		strbuf_adds(sb, "dirty pages: jemalloc keeps freed memory,\n"
				"which ");
		say_return(sb, v);
		strbuf_adds(sb, ", ");
	}
	units_add_bytes(sb, d->bytes, false, v->units);
}

static void diagnose(struct strbuf *sb, const struct heap_breakdown *before,
		     const struct heap_breakdown *after,
		     const struct breakdown_view *v)
{
	struct heap_diagnosis d = heap_diagnose(before, after);

	switch (d.kind) {
	case HEAP_DIAGNOSIS_NONE:
		break;
	case HEAP_DIAGNOSIS_STEADY:
		if (before && !v->brief)
			strbuf_adds(sb, "nothing grew");
		break;
	case HEAP_DIAGNOSIS_GREW:
	case HEAP_DIAGNOSIS_MIXED:
		say_growth(sb, &d, v);
		break;
	case HEAP_DIAGNOSIS_HOLDS:
		say_state(sb, &d, before, v);
		break;
	}
}

void breakdown_text_diagnosis(struct strbuf *sb, const struct breakdown_view *v)
{
	struct heap_breakdown before, after;
	size_t start = sb->len;

	heap_breakdown_make_pair(v->before, v->after, &before, &after);
	diagnose(sb,
		 heap_breakdown_comparable(&before, &after) ? &before : NULL,
		 &after, v);
	if (sb->len > start)
		strbuf_addc(sb, '\n');
}

static void add_diagnosis(struct strbuf *sb, const struct breakdown_view *v)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };

	breakdown_text_diagnosis(&text, v);
	if (!text.len)
		return;
	style_add(sb, STYLE_STRONG, v->color, text.buf, text.len - 1);
	strbuf_adds(sb, "\n\n");
	sb->failed |= text.failed;
}

/* What a row is called: details are indented, and strings of the target
 * escaped. */
static void add_label(struct strbuf *sb, const struct breakdown_row *row)
{
	if (row->kind == BREAKDOWN_DETAIL)
		strbuf_adds(sb, "  ");
	escape_terminal(sb, row->label, strlen(row->label));
}

static void add_row(struct table *table, const struct breakdown_row *row,
		    enum units units)
{
	const bool now = row->after != BREAKDOWN_UNKNOWN;
	const bool was = now && row->before != BREAKDOWN_UNKNOWN;

	table_cell(table, STYLE_PLAIN);
	add_label(&table->text, row);
	table_cell(table, STYLE_FAINT);
	if (was)
		units_add_bytes(&table->text, row->before, false, units);
	table_cell(table, STYLE_PLAIN);
	if (now)
		units_add_bytes(&table->text, row->after, false, units);
	table_cell(table, STYLE_PLAIN);
	if (was)
		units_add_bytes(&table->text, row->after - row->before, true,
				units);
	table_end_row(table);
}

static void add_note(struct strbuf *sb, const char *note)
{
	enum { WIDTH = 80 };

	wrap_add(sb, note, WIDTH, 0);
	strbuf_addc(sb, '\n');
}

void breakdown_text_add(struct strbuf *sb, const struct breakdown_view *v)
{
	static const char title[] = "where the memory is";
	_cleanup_table_ struct table table = { .columns = 4, .right = 0xe };
	hs_cleanup(breakdown_rows_release) struct breakdown_rows rows;
	size_t i;

	breakdown_rows_make(&rows, v);
	sb->failed |= rows.failed;
	if (!rows.n)
		return;
	strbuf_addc(sb, '\n');
	if (!v->brief)
		add_diagnosis(sb, v);
	style_add(sb, STYLE_STRONG, v->color, title, sizeof(title) - 1);
	strbuf_adds(sb, rows.diff ? " (before, after, change)\n" : "\n");
	for (i = 0; i < rows.n; i++)
		if (rows.items[i].kind != BREAKDOWN_NOTE)
			add_row(&table, &rows.items[i], v->units);
	table_write(&table, sb, 2, v->color);
	for (i = 0; i < rows.n; i++)
		if (rows.items[i].kind == BREAKDOWN_NOTE)
			add_note(sb, rows.items[i].label);
}
