#include "output/stats_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "output/breakdown_text.h"
#include "output/style.h"
#include "output/table.h"
#include "output/write.h"

/* The state of writing a report. */
struct stats_text {
	const struct heap_stats *before; /* NULL: one reading */
	const struct heap_stats *after;
	const struct text_options *options;
	struct strbuf out;
};

static void add_styled(struct stats_text *t, enum style style, const char *s)
{
	style_add(&t->out, style, t->options->color, s, strlen(s));
}

static void add_escaped(struct strbuf *sb, const char *s)
{
	escape_terminal(sb, s ? s : "?", s ? strlen(s) : 1);
}

static void add_title(struct stats_text *t)
{
	const struct heap_meta *a = t->before ? &t->before->meta : NULL;
	const struct heap_meta *o = &t->after->meta;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	strbuf_adds(&sb, a ? "memory growth of " : "memory of ");
	add_escaped(&sb, o->command);
	strbuf_addf(&sb, " (pid %" PRId64 ")", o->pid);
	if (o->hostname) {
		strbuf_adds(&sb, " on ");
		add_escaped(&sb, o->hostname);
	}
	if (a && o->taken_at_us > a->taken_at_us) {
		strbuf_adds(&sb, " in ");
		units_add_duration(&sb, o->taken_at_us - a->taken_at_us);
	}
	add_styled(t, STYLE_STRONG, strbuf_str(&sb));
	strbuf_addc(&t->out, '\n');
}

static void add_facts(struct stats_text *t)
{
	const struct heap_meta *o = &t->after->meta;
	int64_t pause = o->pause_us;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (t->before && t->before->meta.pause_us > pause)
		pause = t->before->meta.pause_us;
	strbuf_adds(&sb, "  jemalloc ");
	/* Its version ends in "-<commits>-g<hash>". */
	if (o->jemalloc_version)
		escape_terminal(&sb, o->jemalloc_version,
				strcspn(o->jemalloc_version, "-"));
	if (o->taken_at) {
		strbuf_adds(&sb, "; ");
		add_escaped(&sb, o->taken_at);
	}
	strbuf_adds(&sb, "; no thread stopped for longer than ");
	units_add_duration(&sb, pause > 0 ? pause : 0);
	add_styled(t, STYLE_FAINT, strbuf_str(&sb));
	strbuf_addc(&t->out, '\n');
}

/* @s after @label, in lines of less than 80 columns. */
static void add_wrapped(struct stats_text *t, const char *label, const char *s)
{
	enum { WIDTH = 78 };
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t column = 2 + strlen(label);

	strbuf_addf(&sb, "  %s", label);
	while (*s) {
		size_t len = strcspn(s, " ");

		if (column + 1 + len > WIDTH) {
			strbuf_adds(&sb, "\n ");
			column = 1;
		}
		strbuf_addc(&sb, ' ');
		escape_terminal(&sb, s, len);
		column += 1 + len;
		s += len + strspn(s + len, " ");
	}
	strbuf_addc(&sb, '\n');
	add_styled(t, STYLE_WARN, strbuf_str(&sb));
}

/* jemalloc's records of what is in use can be read since 5.1. */
static bool can_be_inspected(const struct heap_meta *o)
{
	unsigned major, minor;

	return o->jemalloc_version &&
	       sscanf(o->jemalloc_version, "%u.%u", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 1));
}

static void add_inspect(struct stats_text *t)
{
	const struct heap_meta *o = &t->after->meta;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (!can_be_inspected(o) || o->pid < 0)
		return;
	strbuf_addf(&sb, "heapsnap inspect -p %" PRId64 " -i 10s", o->pid);
	add_wrapped(t, "what comes into its heap, by type:", strbuf_str(&sb));
}

static void add_no_stacks(struct stats_text *t)
{
	const struct heap_stats *s = t->after;

	if (!s->no_stacks)
		return;
	strbuf_addc(&t->out, '\n');
	add_wrapped(t, "no stacks from this run of the process:", s->no_stacks);
	if (s->profiling_off)
		add_wrapped(t, "for the next one:", s->profiling_off);
	add_inspect(t);
}

static void add_breakdown(struct stats_text *t)
{
	const struct breakdown_view breakdown = {
		.before = t->before ? &t->before->meta : NULL,
		.after = &t->after->meta,
		.units = t->options->units,
		.color = t->options->color,
		.utf8 = t->options->utf8,
		.narrow = true,
	};

	breakdown_text_add(&t->out, &breakdown);
}

static void cell_text(struct table *table, const char *s)
{
	table_cell(table, STYLE_FAINT);
	strbuf_adds(&table->text, s);
}

static void cell_count(struct table *table, enum style style, int64_t n,
		       bool sign)
{
	table_cell(table, style);
	units_add_count(&table->text, n, sign);
}

static void cell_bytes(struct table *table, enum style style, int64_t bytes,
		       bool sign, enum units units)
{
	table_cell(table, style);
	units_add_bytes(&table->text, bytes, sign, units);
}

/* "1,204 96%": slabs, and how much of them is in use. */
static void cell_slabs(struct table *table, const struct heap_class *c)
{
	table_cell(table, STYLE_FAINT);
	if (c->slabs < 0) {
		strbuf_adds(&table->text, "large");
		table_cell(table, STYLE_FAINT);
		return;
	}
	units_add_count(&table->text, c->slabs, false);
	table_cell(table, STYLE_FAINT);
	if (c->slabs > 0 && c->capacity > 0)
		strbuf_addf(&table->text, "%" PRId64 "%%",
			    c->regions * 100 / c->slabs / c->capacity);
}

static void add_class(struct stats_text *t, struct table *table,
		      const struct heap_class_growth *g)
{
	enum units units = t->options->units;
	enum style style = STYLE_PLAIN;

	if (t->before)
		style = g->bytes > 0 ? STYLE_GROWN : STYLE_SHRUNK;
	/* Exact: the value is from jemalloc's table. */
	cell_count(table, STYLE_PLAIN, (int64_t)g->now.size, false);
	if (t->before) {
		cell_count(table, style, g->regions, true);
		cell_bytes(table, style, g->bytes, true, units);
	}
	cell_count(table, STYLE_PLAIN, g->now.regions, false);
	cell_bytes(table, STYLE_PLAIN, g->now.bytes, false, units);
	cell_slabs(table, &g->now);
	table_end_row(table);
}

static void add_class_titles(const struct stats_text *t, struct table *table)
{
	cell_text(table, "size");
	if (t->before) {
		cell_text(table, "grown by");
		cell_text(table, "");
	}
	cell_text(table, "regions");
	cell_text(table, "bytes");
	cell_text(table, "slabs");
	cell_text(table, "in use");
	table_end_row(table);
}

/* The size classes that changed, largest growth first, shrunk ones last. */
static void add_classes(struct stats_text *t,
			const struct heap_class_growth *list, size_t n)
{
	_cleanup_table_ struct table table = { .columns = t->before ? 7 : 5,
					       .right = 0x7f };
	size_t top = t->options->top ? t->options->top : SIZE_MAX;
	size_t i, shown = 0, more = 0;

	add_class_titles(t, &table);
	for (i = 0; i < n; i++) {
		if (!list[i].bytes && !list[i].regions)
			continue;
		if (shown == top) {
			more++;
			continue;
		}
		shown++;
		add_class(t, &table, &list[i]);
	}
	strbuf_addc(&t->out, '\n');
	if (!shown) {
		add_styled(t, STYLE_STRONG,
			   "No size class has more or fewer regions than "
			   "before.\n");
		return;
	}
	add_styled(t, STYLE_STRONG,
		   t->before ? "size classes that changed" : "size classes");
	strbuf_addc(&t->out, '\n');
	table_write(&table, &t->out, 2, t->options->color);
	if (more) {
		_cleanup_strbuf_ struct strbuf sb = { 0 };

		strbuf_addf(&sb, "  %zu more; --top 0 shows all\n", more);
		add_styled(t, STYLE_FAINT, strbuf_str(&sb));
	}
}

static const struct heap_arena *find_arena(const struct heap_stats *s,
					   uint64_t index)
{
	size_t i;

	for (i = 0; s && i < s->n_arenas; i++) {
		if (s->arenas[i].index == index)
			return &s->arenas[i];
	}
	return NULL;
}

static void add_arena(struct stats_text *t, struct table *table,
		      const struct heap_arena *a)
{
	const int64_t values[] = { a->allocated, a->active - a->allocated,
				   a->dirty, a->muzzy, a->retained };
	const struct heap_arena *was = find_arena(t->before, a->index);
	enum units units = t->options->units;
	size_t i;

	table_cell(table, STYLE_PLAIN);
	strbuf_addf(&table->text, "%" PRIu64, a->index);
	cell_count(table, STYLE_PLAIN, a->threads, false);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		if (values[i] < 0)
			cell_text(table, "?");
		else
			cell_bytes(table, STYLE_PLAIN, values[i], false, units);
	}
	table_cell(table, STYLE_PLAIN);
	if (t->before)
		units_add_bytes(&table->text,
				a->allocated - (was ? was->allocated : 0), true,
				units);
	table_end_row(table);
}

static void add_arenas(struct stats_text *t)
{
	const char *const titles[] = {
		"arena", "threads", "live",	"free in pages",
		"dirty", "muzzy",   "retained", t->before ? "live grew" : "",
	};
	_cleanup_table_ struct table table = { .columns = ARRAY_SIZE(titles),
					       .right = 0xff };
	size_t i;

	if (!t->after->n_arenas)
		return;
	for (i = 0; i < ARRAY_SIZE(titles); i++)
		cell_text(&table, titles[i]);
	table_end_row(&table);
	for (i = 0; i < t->after->n_arenas; i++)
		add_arena(t, &table, &t->after->arenas[i]);
	strbuf_addc(&t->out, '\n');
	add_styled(t, STYLE_STRONG, "arenas\n");
	table_write(&table, &t->out, 2, t->options->color);
}

static void add_settings(struct stats_text *t)
{
	_cleanup_table_ struct table table = { .columns = 2 };
	size_t i;

	if (!t->after->n_settings)
		return;
	strbuf_addc(&t->out, '\n');
	add_styled(t, STYLE_STRONG, "settings of jemalloc\n");
	for (i = 0; i < t->after->n_settings; i++) {
		const struct heap_setting *s = &t->after->settings[i];

		table_cell(&table, STYLE_PLAIN);
		add_escaped(&table.text, s->name);
		table_cell(&table, STYLE_PLAIN);
		add_escaped(&table.text, s->value);
		table_end_row(&table);
	}
	table_write(&table, &t->out, 2, t->options->color);
}

struct hs_error *stats_text_write(FILE *f, const struct heap_stats *before,
				  const struct heap_stats *after,
				  const struct text_options *options)
{
	struct stats_text t = { .before = before,
				.after = after,
				.options = options };
	_cleanup_free_ struct heap_class_growth *list = NULL;
	struct hs_error *err;
	size_t n = 0;

	err = heap_stats_growth(before, after, &list, &n);
	if (err)
		return err;
	add_title(&t);
	add_facts(&t);
	add_no_stacks(&t);
	add_breakdown(&t);
	add_classes(&t, list, n);
	add_arenas(&t);
	add_settings(&t);
	err = write_flush(&t.out, f);
	strbuf_release(&t.out);
	return err;
}
