#include "output/text_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "base/str.h"
#include "heap/diff.h"
#include "heap/remarks.h"
#include "output/breakdown_text.h"
#include "output/formats.h"
#include "output/hint_text.h"
#include "output/table.h"
#include "output/wrap.h"

/* The usual width of a snapshot's line without the file: "  before  ", size,
 * error, objects and time. */
enum { BEFORE_FILE = 74 };

void text_add_escaped(struct strbuf *sb, const char *s)
{
	if (s)
		escape_terminal(sb, s, strlen(s));
	else
		strbuf_addc(sb, '?');
}

void text_add(struct text *t, enum style style, const char *s)
{
	style_add(&t->out, style, t->options->color, s, strlen(s));
}

size_t text_width(const struct text *t)
{
	return t->options->width ? t->options->width : 80;
}

void text_add_estimate(const struct text *t, struct strbuf *sb, int64_t bytes,
		       double variance, bool sign)
{
	units_add_bytes(sb, bytes, sign, t->options->units);
	if (variance <= 0)
		return;
	strbuf_adds(sb, t->options->utf8 ? " ± " : " +- ");
	units_add_error(sb, llround(sqrt(variance)), bytes, t->options->units);
}

/* The file names fit at the end of the snapshots' lines. */
static bool files_fit(const struct text *t)
{
	const struct heap_profile *before = t->rows->before;
	const char *a = before ? before->meta.file : NULL;
	const char *b = t->rows->after->meta.file;
	size_t longest = a ? style_width(a) : 0;

	if (b && style_width(b) > longest)
		longest = style_width(b);
	return !t->options->width || BEFORE_FILE + longest <= t->options->width;
}

static void add_error_cell(const struct text *t, struct table *table,
			   const struct rows_sum *sum)
{
	table_cell(table, STYLE_FAINT);
	if (sum->variance <= 0)
		return;
	strbuf_adds(&table->text, t->options->utf8 ? "± " : "+- ");
	units_add_error(&table->text, llround(sqrt(sum->variance)), sum->bytes,
			t->options->units);
}

static void add_snapshot(const struct text *t, struct table *table,
			 const char *label, const struct heap_profile *p,
			 const struct rows_sum *heap)
{
	const struct heap_meta *meta = &p->meta;

	table_cell(table, STYLE_FAINT);
	strbuf_adds(&table->text, label);
	table_cell(table, STYLE_PLAIN);
	units_add_bytes(&table->text, heap->bytes, false, t->options->units);
	add_error_cell(t, table, heap);
	table_cell(table, STYLE_PLAIN);
	if (!p->no_objects)
		units_add_counted(&table->text, heap->objects, "object", false);
	table_cell(table, STYLE_FAINT);
	if (meta->taken_at)
		text_add_escaped(&table->text, meta->taken_at);
	table_cell(table, STYLE_FAINT);
	if (meta->file && files_fit(t))
		text_add_escaped(&table->text, meta->file);
	table_end_row(table);
}

static void add_file(struct text *t, const char *label, const char *file)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	strbuf_addf(&sb, "%-8s", label);
	text_add_escaped(&sb, file);
	strbuf_adds(&t->out, "  ");
	text_add(t, STYLE_FAINT, strbuf_str(&sb));
	strbuf_addc(&t->out, '\n');
	t->out.failed |= sb.failed;
}

/* Puts the files on lines of their own when the snapshots' lines would be too
 * long. */
static void add_files(struct text *t)
{
	const struct heap_profile *before = t->rows->before;
	const char *file = t->rows->after->meta.file;

	if (files_fit(t))
		return;
	if (before && before->meta.file)
		add_file(t, "files", before->meta.file);
	if (file)
		add_file(t, before && before->meta.file ? "" : "file", file);
}

/* jemalloc's version ends in "-<commits>-g<hash>". */
static void add_jemalloc(struct strbuf *sb, const char *version)
{
	escape_terminal(sb, version, strcspn(version, "-"));
}

static void add_period(struct strbuf *sb, const struct heap_profile *p)
{
	const uint64_t period = p->sample_period;

	if (p->sampling_unknown) {
		strbuf_adds(sb, "how it was sampled is not known");
		return;
	}
	if (period <= 1) {
		strbuf_adds(sb, "every allocation recorded");
		return;
	}
	strbuf_adds(sb, "sampled every ");
	units_add_exact(sb, period);
}

static void add_pause(struct strbuf *sb, const struct heap_meta *before,
		      const struct heap_meta *after)
{
	int64_t pause = after->pause_us;

	if (before && before->pause_us > pause)
		pause = before->pause_us;
	if (pause < 0)
		return;
	strbuf_adds(sb, "; no thread stopped for longer than ");
	units_add_duration(sb, pause);
	if (heap_meta_borrowed(after))
		strbuf_adds(sb, " (borrowed thread)");
}

/* One line: the source of the numbers, their precision, and the pause. */
static void add_facts(struct text *t)
{
	const struct heap_profile *before = t->rows->before;
	const struct heap_profile *after = t->rows->after;
	const char *version = after->meta.jemalloc_version;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (version) {
		strbuf_adds(&sb, "jemalloc ");
		add_jemalloc(&sb, version);
		strbuf_adds(&sb, "; ");
	}
	if (before && (before->sample_period != after->sample_period ||
		       before->sampling_unknown != after->sampling_unknown)) {
		add_period(&sb, before);
		strbuf_adds(&sb, ", then ");
	}
	add_period(&sb, after);
	add_pause(&sb, before ? &before->meta : NULL, &after->meta);
	strbuf_adds(&t->out, "  ");
	text_add(t, STYLE_FAINT, strbuf_str(&sb));
	strbuf_addc(&t->out, '\n');
	t->out.failed |= sb.failed;
}

/* Both times are known and the wrong way round. */
static bool backwards(const struct rows *rows)
{
	return rows->before && rows->after->meta.taken_at_us >= 0 &&
	       rows->before->meta.taken_at_us > rows->after->meta.taken_at_us;
}

/* A separate line with a remark on the numbers. */
static void add_warning(struct text *t, const char *s)
{
	text_add(t, STYLE_WARN, s);
	strbuf_addc(&t->out, '\n');
}

/* Says what the options leave out. */
static void add_left_out(struct text *t)
{
	const struct rows *rows = t->rows;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (rows->n_unfocused) {
		strbuf_adds(&sb, "  without ");
		units_add_counted(&sb, (int64_t)rows->n_unfocused, "stack",
				  false);
		strbuf_adds(&sb, " that --focus and --ignore leave out");
		add_warning(t, strbuf_str(&sb));
	}
	if (rows->suppressed.rows) {
		strbuf_clear(&sb);
		strbuf_adds(&sb, "  without ");
		units_add_counted(&sb, (int64_t)rows->suppressed.rows, "stack",
				  false);
		strbuf_adds(&sb, " that suppressions leave out (");
		units_add_bytes(&sb, rows->suppressed.bytes, rows->before,
				t->options->units);
		strbuf_adds(&sb, ")");
		add_warning(t, strbuf_str(&sb));
	}
	if (rows->insignificant.rows) {
		strbuf_clear(&sb);
		strbuf_adds(&sb, "  without ");
		units_add_counted(&sb, (int64_t)rows->insignificant.rows,
				  rows_noun(rows), false);
		strbuf_adds(&sb, " within the sampling noise (");
		units_add_bytes(&sb, rows->insignificant.bytes, rows->before,
				t->options->units);
		strbuf_adds(&sb, " in all)");
		add_warning(t, strbuf_str(&sb));
	}
	t->out.failed |= sb.failed;
}

/* Names programs and libraries that were upgraded in between. */
static void add_rebuilt(struct text *t)
{
	const struct rows *rows = t->rows;
	size_t i;

	for (i = 0; rows->before && i < rows->after->n_modules; i++) {
		const struct heap_module *m = &rows->after->modules[i];
		_cleanup_strbuf_ struct strbuf sb = { 0 };

		if (!heap_module_is_rebuilt(m, rows->before))
			continue;
		strbuf_adds(&sb, "  ");
		text_add_escaped(&sb, m->path);
		strbuf_adds(&sb, " is another build than before: compared by "
				 "function and line");
		if (rows->group == ROWS_STACKS)
			strbuf_adds(&sb, ",\n  so moved lines look new "
					 "(--by function goes by functions)");
		add_warning(t, strbuf_str(&sb));
		t->out.failed |= sb.failed;
	}
}

/* Objects from before a fork are in the profile of each process. */
static void add_inherited(struct text *t)
{
	const struct heap_counts *c = &t->rows->after->inherited_total;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (t->rows->before || t->rows->counts != ROWS_INUSE || c->objects <= 0)
		return;
	strbuf_adds(&sb, "  of it ");
	units_add_bytes(&sb, llround(c->bytes), false, t->options->units);
	strbuf_adds(&sb, " in ");
	units_add_counted(&sb, llround(c->objects), "object", false);
	strbuf_adds(&sb, " are what children have inherited by fork,\n"
			 "  which their parent has, too\n");
	strbuf_adds(&t->out, strbuf_str(&sb));
	t->out.failed |= sb.failed;
}

/* Breaks the lines of @remark between words. */
static void add_remark(struct text *t, const char *remark)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 }, line = { 0 };

	text_add_escaped(&line, remark);
	wrap_add(&sb, strbuf_str(&line), text_width(t), 2);
	add_warning(t, strbuf_str(&sb));
	t->out.failed |= sb.failed || line.failed;
}

static void add_remarks(struct text *t, const struct heap_profile *p)
{
	size_t i;

	for (i = 0; i < p->n_remarks; i++)
		add_remark(t, p->remarks[i].text);
}

/* What is remarkable of the files. */
static void add_all_remarks(struct text *t)
{
	const struct rows *rows = t->rows;
	size_t i;

	if (rows->series.n) {
		for (i = 0; i < rows->series.n; i++)
			add_remarks(t, rows->series.profiles[i]);
		return;
	}
	if (rows->before)
		add_remarks(t, rows->before);
	add_remarks(t, rows->after);
}

void text_warnings(struct text *t)
{
	const struct rows *rows = t->rows;

	add_all_remarks(t);
	if (backwards(rows))
		add_warning(t, "  the first snapshot is the later one: what "
			       "grows here went away");
	if (rows->after->meta.prof_active == 0)
		add_warning(t, "  profiling is switched off in the process "
			       "(prof.active is false):\n  what it allocates "
			       "now is not seen; --activate switches it on for "
			       "a run");
	add_inherited(t);
	add_rebuilt(t);
	add_left_out(t);
}

void text_facts(struct text *t)
{
	const struct rows *rows = t->rows;
	_cleanup_table_ struct table table = {
		.columns = 6, .right = 1u << 1 | 1u << 2 | 1u << 3
	};
	const char *alone = "after";

	strbuf_addc(&t->out, '\n');
	if (rows->before)
		add_snapshot(t, &table,
			     rows_is_trend(rows) ? "first" : "before",
			     rows->before, &rows->heap_before);
	if (!rows->before)
		alone = rows->counts == ROWS_INUSE ? "live" : "ever";
	else if (rows_is_trend(rows))
		alone = "last";
	add_snapshot(t, &table, alone, rows->after, &rows->heap_after);
	table_write(&table, &t->out, 2, t->options->color);
	add_files(t);
	add_facts(t);
}

static void add_sum(const struct text *t, struct table *table,
		    const char *label, const struct rows_sum *sum, bool rate)
{
	int64_t us = rate ? rows_elapsed(t->rows) : -1;
	enum style style = STYLE_PLAIN;

	if (sum->bytes)
		style = sum->bytes > 0 ? STYLE_GROWN : STYLE_SHRUNK;
	table_cell(table, STYLE_PLAIN);
	strbuf_adds(&table->text, label);
	table_cell(table, style);
	units_add_bytes(&table->text, sum->bytes, true, t->options->units);
	add_error_cell(t, table, sum);
	table_cell(table, STYLE_PLAIN);
	if (rows_count_objects(t->rows))
		units_add_counted(&table->text, sum->objects, "object", true);
	table_cell(table, STYLE_PLAIN);
	if (!rate) {
		units_add_counted(&table->text, (int64_t)sum->rows,
				  rows_noun(t->rows), false);
	} else if (us > 0) {
		units_add_bytes(&table->text,
				llround((double)sum->bytes * 1e6 / (double)us),
				true, t->options->units);
		strbuf_adds(&table->text, "/s");
	}
	table_end_row(table);
}

void text_totals(struct text *t)
{
	const struct rows *rows = t->rows;
	_cleanup_table_ struct table table = {
		.columns = 5, .right = 1u << 1 | 1u << 2 | 1u << 3
	};

	strbuf_addc(&t->out, '\n');
	add_sum(t, &table, "grown", &rows->grown, false);
	add_sum(t, &table, "shrunk", &rows->shrunk, false);
	add_sum(t, &table, "net", &rows->net, true);
	table_write(&table, &t->out, 2, t->options->color);
}

/* Says where the profile and jemalloc's own count differ, and why. */
void text_hints(struct text *t)
{
	const struct rows *rows = t->rows;
	unsigned i;

	for (i = 0; i < rows->n_hints; i++) {
		_cleanup_strbuf_ struct strbuf sb = { 0 };

		hint_text_add(&sb, &rows->hints[i], rows->after,
			      t->options->units);
		strbuf_addc(&t->out, '\n');
		text_add(t, STYLE_FAINT, strbuf_str(&sb));
		strbuf_addc(&t->out, '\n');
		t->out.failed |= sb.failed;
	}
}

static struct breakdown_view breakdown_of(const struct text *t)
{
	enum { LONG_LABELS = 92 }; /* columns that rows with such take */
	const struct rows *rows = t->rows;
	const size_t width = t->options->width;

	return (struct breakdown_view){
		.before = rows->before ? &rows->before->meta : NULL,
		.after = &rows->after->meta,
		.estimate_before = rows->before ? &rows->before->total : NULL,
		.estimate_after = &rows->after->total,
		.live_fell = rows->live_fell,
		.units = t->options->units,
		.color = t->options->color,
		.utf8 = t->options->utf8,
		.brief = !t->options->all_frames,
		.narrow = width && width < LONG_LABELS,
	};
}

void text_diagnosis(struct text *t)
{
	const struct breakdown_view breakdown = breakdown_of(t);
	_cleanup_strbuf_ struct strbuf text = { 0 }, lines = { 0 };

	breakdown_text_diagnosis(&text, &breakdown);
	t->out.failed |= text.failed;
	if (!breakdown.brief || !text.len)
		return;
	wrap_add(&lines, strbuf_str(&text), text_width(t), 0);
	text_add(t, STYLE_STRONG, strbuf_str(&lines));
	strbuf_addc(&t->out, '\n');
	t->out.failed |= lines.failed;
}

void text_breakdown(struct text *t)
{
	const struct breakdown_view breakdown = breakdown_of(t);

	breakdown_text_add(&t->out, &breakdown);
}
