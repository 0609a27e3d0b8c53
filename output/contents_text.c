#include "output/contents_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "output/style.h"
#include "output/table.h"
#include "output/write.h"

/* The state of writing a report. */
struct contents_text {
	const struct heap_contents *contents;
	const struct text_options *options;
	struct contents_sum sum;
	struct contents_reach objects, bytes; /* of those */
	bool interval;
	struct strbuf out;
};

static void add_styled(struct contents_text *t, enum style style, const char *s)
{
	style_add(&t->out, style, t->options->color, s, strlen(s));
}

static void add_line(struct contents_text *t, enum style style,
		     const struct strbuf *line)
{
	add_styled(t, style, strbuf_str(line));
	strbuf_addc(&t->out, '\n');
}

/* --- the head -------------------------------------------------------------- */

static void add_title(struct contents_text *t)
{
	const struct heap_meta *o = &t->contents->meta;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	strbuf_adds(&sb, t->interval ? "what came into the heap of "
				     : "what is in the heap of ");
	escape_terminal(&sb, o->command, strlen(o->command));
	strbuf_addf(&sb, " (pid %" PRId64 ")", o->pid);
	if (o->hostname) {
		strbuf_adds(&sb, " on ");
		escape_terminal(&sb, o->hostname, strlen(o->hostname));
	}
	if (t->interval) {
		strbuf_adds(&sb, " in ");
		units_add_duration(&sb, t->contents->interval_us);
	}
	add_line(t, STYLE_STRONG, &sb);
}

static void add_facts(struct contents_text *t)
{
	const struct heap_contents *c = t->contents;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	strbuf_addf(&sb, "  records of jemalloc %s; ", c->layout);
	strbuf_adds(&sb, c->meta.taken_at);
	strbuf_adds(&sb, "; read ");
	units_add_bytes(&sb, c->read_bytes, false, t->options->units);
	strbuf_adds(&sb, " in ");
	units_add_duration(&sb, c->read_us);
	strbuf_adds(&sb, ", no thread stopped");
	add_line(t, STYLE_FAINT, &sb);
}

static void add_growth(struct contents_text *t, struct strbuf *sb)
{
	const struct contents_sum *s = &t->sum;
	const enum units units = t->options->units;

	units_add_bytes(sb, s->came_bytes - s->went_bytes, true, units);
	strbuf_adds(sb, ": ");
	units_add_bytes(sb, s->came_bytes, false, units);
	strbuf_adds(sb, " in ");
	units_add_counted(sb, s->came, "object", false);
	strbuf_adds(sb, " came, ");
	units_add_bytes(sb, s->went_bytes, false, units);
	strbuf_adds(sb, " in ");
	units_add_counted(sb, s->went, "object", false);
	strbuf_adds(sb, " went");
}

static void add_leaked(struct contents_text *t, struct strbuf *sb)
{
	const struct contents_reach *n = &t->objects, *bytes = &t->bytes;
	const enum units units = t->options->units;

	strbuf_adds(sb, "leaked: ");
	units_add_bytes(sb, bytes->direct + bytes->indirect, false, units);
	strbuf_adds(sb, " in ");
	units_add_counted(sb, n->direct + n->indirect, "object", false);
	strbuf_adds(sb, " that nothing leads to");
	if (!n->indirect)
		return;
	strbuf_adds(sb, ", ");
	units_add_count(sb, n->indirect, false);
	strbuf_adds(sb, " of them pointed to by others of them");
}

/* What the looks at pointers cannot tell. */
static void add_unclear(struct contents_text *t, struct strbuf *sb)
{
	const struct heap_contents *c = t->contents;

	strbuf_adds(sb, "  not counted as leaked: ");
	units_add_counted(sb, t->objects.moved, "object", false);
	strbuf_adds(sb, " that came or moved meanwhile; registers of ");
	units_add_counted(sb, c->threads, "thread", false);
	strbuf_adds(sb, " were not seen");
	if (c->in_kernel)
		strbuf_adds(sb, ", nor what io_uring has");
}

static void add_reach(struct contents_text *t)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	add_leaked(t, &sb);
	add_line(t, t->interval ? STYLE_PLAIN : STYLE_STRONG, &sb);
	strbuf_clear(&sb);
	add_unclear(t, &sb);
	add_line(t, STYLE_FAINT, &sb);
}

static void add_left_out(struct contents_text *t)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	strbuf_addf(&sb,
		    "leaks were not looked for: %s; --max-memory allows "
		    "more",
		    t->contents->reach_left_out);
	add_line(t, STYLE_PLAIN, &sb);
}

static void add_sums(struct contents_text *t)
{
	const struct contents_sum *s = &t->sum;
	const enum units units = t->options->units;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (t->interval) {
		add_growth(t, &sb);
		add_line(t, STYLE_STRONG, &sb);
		strbuf_clear(&sb);
	}
	units_add_bytes(&sb, s->bytes, false, units);
	strbuf_adds(&sb, " in use, in ");
	units_add_counted(&sb, s->objects, "object", false);
	strbuf_adds(&sb, "; freed, and kept by threads: ");
	units_add_bytes(&sb, s->cached_bytes, false, units);
	add_line(t, t->interval ? STYLE_PLAIN : STYLE_STRONG, &sb);
	if (t->contents->reach)
		add_reach(t);
	if (t->contents->reach_left_out)
		add_left_out(t);
}

/* --- tables ---------------------------------------------------------------- */

static size_t shown_of(const struct contents_text *t, size_t n)
{
	const size_t top = t->options->top ? t->options->top : SIZE_MAX;

	return n < top ? n : top;
}

static void add_more(struct contents_text *t, size_t more)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (!more)
		return;
	strbuf_addf(&sb, "  %zu more; --top 0 shows all", more);
	add_line(t, STYLE_FAINT, &sb);
}

static void cell_title(struct table *table, const char *s)
{
	table_cell(table, STYLE_FAINT);
	strbuf_adds(&table->text, s);
}

static void cell_bytes(const struct contents_text *t, struct table *table,
		       int64_t bytes, double variance)
{
	table_cell(table, STYLE_PLAIN);
	units_add_between(&table->text, bytes, llround(sqrt(variance)),
			  t->options->utf8 ? " ± " : " +- ", t->options->units);
}

static void cell_name(const struct contents_text *t, struct table *table,
		      const char *name)
{
	enum { WIDTH = 48 };
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	table_cell(table, STYLE_STRONG);
	escape_terminal(&sb, name, strlen(name));
	if (t->options->width)
		style_cut(&table->text, strbuf_str(&sb), WIDTH,
			  t->options->utf8);
	else
		strbuf_adds(&table->text, strbuf_str(&sb));
}

static void cell_share(struct table *table, double part, double whole)
{
	table_cell(table, STYLE_PLAIN);
	if (whole > 0)
		strbuf_addf(&table->text, "%.0f%%", 100 * part / whole);
}

static void add_types(struct contents_text *t)
{
	const struct heap_contents *c = t->contents;
	const size_t shown = shown_of(t, c->n_types);
	const int64_t all = t->interval ? t->sum.came_bytes : t->sum.bytes;
	_cleanup_table_ struct table table = {
		.columns = c->reach ? 6 : 5,
		.right = c->reach ? 0xf : 7,
	};
	size_t i;

	if (!c->n_types)
		return;
	cell_title(&table, "bytes");
	cell_title(&table, "");
	cell_title(&table, "objects");
	if (c->reach)
		cell_title(&table, "leaked");
	cell_title(&table, "kind");
	cell_title(&table, "what");
	table_end_row(&table);
	for (i = 0; i < shown; i++) {
		const struct contents_type *type = &c->types[i];

		cell_bytes(t, &table, type->bytes, type->bytes_variance);
		cell_share(&table, (double)type->bytes, (double)all);
		table_cell(&table, STYLE_PLAIN);
		units_add_count(&table.text, type->objects, false);
		if (c->reach)
			cell_share(&table, (double)type->seen_leaked,
				   (double)type->seen);
		cell_title(&table, contents_kind_name(type->kind));
		cell_name(t, &table, type->name);
		table_end_row(&table);
	}
	strbuf_addc(&t->out, '\n');
	add_styled(t, STYLE_STRONG,
		   t->interval ? "what came, by what it begins with\n"
			       : "what it is, by what it begins with\n");
	table_write(&table, &t->out, 2, t->options->color);
	add_more(t, c->n_types - shown);
}

static int64_t weight_of(const struct contents_class *class, bool interval)
{
	return interval ? class->came_bytes - class->went_bytes
			: class->live_bytes;
}

struct ranked_class {
	const struct contents_class *class;
	int64_t weight;
};

static int by_weight(const void *a, const void *b)
{
	const struct ranked_class *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return x->class->size < y->class->size ? -1 : 1;
}

static void cell_most(const struct contents_text *t, struct table *table,
		      const struct contents_class *class)
{
	const struct contents_type *first = class->types;

	if (!class->n_types) {
		table_end_row(table);
		return;
	}
	cell_share(table, (double)first->seen, (double)class->looked_at);
	cell_name(t, table, first->name);
	table_end_row(table);
}

static void add_class(struct contents_text *t, struct table *table,
		      const struct contents_class *class)
{
	const enum units units = t->options->units;

	table_cell(table, STYLE_PLAIN);
	units_add_count(&table->text, (int64_t) class->size, false);
	if (t->interval) {
		const int64_t grown = class->came - class->went;
		const enum style style = grown > 0 ? STYLE_GROWN : STYLE_SHRUNK;

		table_cell(table, style);
		units_add_count(&table->text, grown, true);
		table_cell(table, style);
		units_add_bytes(&table->text,
				class->came_bytes - class->went_bytes, true,
				units);
	}
	table_cell(table, STYLE_PLAIN);
	units_add_count(&table->text, class->live, false);
	table_cell(table, STYLE_PLAIN);
	units_add_bytes(&table->text, class->live_bytes, false, units);
	table_cell(table, STYLE_FAINT);
	units_add_count(&table->text, class->cached, false);
	if (t->contents->reach) {
		table_cell(table, STYLE_PLAIN);
		units_add_count(&table->text,
				class->reach.direct + class->reach.indirect,
				false);
	}
	cell_most(t, table, class);
}

static void add_class_titles(const struct contents_text *t, struct table *table)
{
	cell_title(table, "size");
	if (t->interval) {
		cell_title(table, "grown by");
		cell_title(table, "");
	}
	cell_title(table, "objects");
	cell_title(table, "bytes");
	cell_title(table, "cached");
	if (t->contents->reach)
		cell_title(table, "leaked");
	if (!t->contents->no_types) {
		cell_title(table, "");
		cell_title(table, t->interval ? "came, mostly" : "mostly");
	}
	table_end_row(table);
}

static struct hs_error *add_classes(struct contents_text *t)
{
	const struct heap_contents *c = t->contents;
	const size_t shown = shown_of(t, c->n_classes);
	_cleanup_free_ struct ranked_class *ranked = NULL;
	_cleanup_table_ struct table table = {
		.columns = (t->interval ? 8 : 6) - (c->no_types ? 2 : 0) +
			   c->reach,
		.right = (t->interval ? 0x7f : 0x1f) << c->reach | c->reach,
	};
	size_t i;

	ranked = calloc(c->n_classes + 1, sizeof(*ranked));
	if (!ranked)
		return hs_error_nomem();
	for (i = 0; i < c->n_classes; i++)
		ranked[i] = (struct ranked_class){
			&c->classes[i], weight_of(&c->classes[i], t->interval)
		};
	qsort(ranked, c->n_classes, sizeof(*ranked), by_weight);
	add_class_titles(t, &table);
	for (i = 0; i < shown; i++)
		add_class(t, &table, ranked[i].class);
	strbuf_addc(&t->out, '\n');
	add_styled(t, STYLE_STRONG, "size classes\n");
	table_write(&table, &t->out, 2, t->options->color);
	add_more(t, c->n_classes - shown);
	return NULL;
}

static void add_holders(struct contents_text *t)
{
	const struct heap_contents *c = t->contents;
	const size_t shown = shown_of(t, c->n_holders);
	_cleanup_table_ struct table table = { .columns = 4, .right = 7 };
	size_t i;

	if (!c->n_holders)
		return;
	cell_title(&table, "bytes");
	cell_title(&table, "");
	cell_title(&table, "objects");
	cell_title(&table, "held by");
	table_end_row(&table);
	for (i = 0; i < shown; i++) {
		const struct contents_holder *h = &c->holders[i];

		table_cell(&table, STYLE_PLAIN);
		units_add_bytes(&table.text, h->bytes, false,
				t->options->units);
		cell_share(&table, (double)h->bytes, (double)t->bytes.held);
		table_cell(&table, STYLE_PLAIN);
		units_add_count(&table.text, h->objects, false);
		cell_name(t, &table, h->name);
		table_end_row(&table);
	}
	strbuf_addc(&t->out, '\n');
	add_styled(t, STYLE_STRONG,
		   "who holds what is in use and not leaked\n");
	table_write(&table, &t->out, 2, t->options->color);
	add_more(t, c->n_holders - shown);
}

struct hs_error *contents_text_write(FILE *f, const struct heap_contents *c,
				     const struct text_options *options)
{
	struct contents_text t = {
		.contents = c,
		.options = options,
		.sum = heap_contents_sum(c),
		.interval = c->interval_us >= 0,
	};
	struct hs_error *err;

	heap_contents_reach(c, &t.objects, &t.bytes);
	add_title(&t);
	add_facts(&t);
	strbuf_addc(&t.out, '\n');
	add_sums(&t);
	add_types(&t);
	err = add_classes(&t);
	add_holders(&t);
	if (!err)
		err = write_flush(&t.out, f);
	strbuf_release(&t.out);
	return err;
}
