#include "output/text.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "output/limit_text.h"
#include "output/text_parts.h"
#include "output/write.h"

/* The order of the rows of a diff: growth, cycles, shrinkage, noise. */
enum section { SECTION_GROWN, SECTION_CYCLES, SECTION_SHRUNK, SECTION_NOISE };

struct shown {
	enum section section;
	bool shrank;   /* where that is looked for growth */
	uint64_t size; /* of the change, the sort key */
	size_t index;  /* in rows->items */
};

static int compare_shown(const void *x, const void *y)
{
	const struct shown *a = x, *b = y;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->shrank != b->shrank)
		return a->shrank ? 1 : -1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* jemalloc's counters know it, whatever the samples say; of all stacks. */
static bool live_grew(const struct rows *rows)
{
	return rows->live.grew && !rows->n_unfocused && !rows->suppressed.rows;
}

/* The rows that changed, in display order. *ret: free(3). */
static struct hs_error *order_rows(const struct text *t, struct shown **ret,
				   size_t *n_ret)
{
	const struct rows *rows = t->rows;
	struct shown *list = calloc(rows->n + 1, sizeof(*list)), *s;
	const struct row *row;
	int64_t change;
	size_t i, n = 0;

	if (!list)
		return hs_error_nomem();
	for (i = 0; i < rows->n; i++) {
		row = &rows->items[i];
		if (!row_changed(row))
			continue;
		change = t->options->sort == ROWS_BY_OBJECTS ? row->objects
							     : row->bytes;
		s = &list[n++];
		s->index = i;
		s->size = magnitude(change);
		s->section = change > 0 ? SECTION_GROWN : SECTION_SHRUNK;
		if (row->trend && row->trend->verdict == HEAP_CYCLES)
			s->section = SECTION_CYCLES;
		if (rows->before && row_is_noise(row))
			s->section = SECTION_NOISE;
		s->shrank = live_grew(rows) && change < 0;
	}
	qsort(list, n, sizeof(*list), compare_shown);
	*ret = list;
	*n_ret = n;
	return NULL;
}

static void add_line(struct text *t, enum style style, const char *s)
{
	strbuf_addc(&t->out, '\n');
	text_add(t, style, s);
	strbuf_addc(&t->out, '\n');
}

static void add_live_growth(const struct text *t, struct strbuf *sb,
			    const char *some)
{
	const double seconds = t->rows->seconds_until_sure;

	strbuf_adds(sb, "Live allocations grew by ");
	units_add_bytes(sb, llround(t->rows->live.bytes), false,
			t->options->units);
	strbuf_addf(sb, ", and no single stack%s for sure", some);
	if (seconds > 0) {
		strbuf_adds(sb, ": that may be after about ");
		units_add_duration(sb, llround(ceil(seconds)) * 1000000);
		strbuf_adds(sb, " more");
	}
	strbuf_addf(sb, ".\nThe likeliest %ss come first.", rows_noun(t->rows));
}

/* Says in a sentence that the numbers are small or zero. */
static void add_verdict(struct text *t, const struct shown *list, size_t n)
{
	const char *some = t->rows->n_unfocused ? " of those looked at" : "";
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (!t->rows->before) {
		if (n)
			return;
		strbuf_addf(&sb, "No live allocation%s was sampled.", some);
	} else if (n == 0) {
		strbuf_addf(&sb,
			    "Nothing grew: no stack%s holds more or less than "
			    "before.",
			    some);
	} else if (list[0].section == SECTION_CYCLES) {
		strbuf_addf(&sb, "Nothing grew for good: stacks%s come and go.",
			    some);
	} else if (list[0].section == SECTION_SHRUNK) {
		strbuf_addf(&sb, "Nothing grew: the stacks%s only shrank.",
			    some);
	} else if (list[0].section == SECTION_NOISE && live_grew(t->rows)) {
		add_live_growth(t, &sb, some);
	} else if (list[0].section == SECTION_NOISE && rows_net_grew(t->rows)) {
		strbuf_addf(&sb,
			    "No single stack%s grew for sure, but all of them "
			    "together did.",
			    some);
	} else if (list[0].section == SECTION_NOISE) {
		strbuf_addf(&sb,
			    "Nothing grew for sure: all changes%s are within "
			    "the sampling noise.",
			    some);
	} else {
		return;
	}
	add_line(t, STYLE_STRONG, strbuf_str(&sb));
}

/* Says when the growth will meet a limit. */
static void add_limit(struct text *t)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	limit_text_add(&sb, &t->rows->left, t->options->units,
		       t->options->utf8);
	if (sb.len)
		add_line(t, STYLE_WARN, strbuf_str(&sb));
}

/* Hints help when the result may be chance. */
static void add_noise_hint(struct text *t, const struct shown *list, size_t n)
{
	const struct rows *rows = t->rows;

	if (!rows->before || n == 0 || rows->net.variance <= 0)
		return;
	if (list[0].section != SECTION_NOISE &&
	    (double)rows->grown.bytes >= 4 * sqrt(rows->grown.variance))
		return;
	add_line(t, STYLE_FAINT,
		 "These numbers are estimates from samples. More time between "
		 "the snapshots\nmakes them surer; so does a smaller "
		 "lg_prof_sample at the next start.");
}

/* Says what --top leaves out, and how to see it. */
static void add_rest(struct text *t, const struct shown *list, size_t n)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 }, more = { 0 };
	int64_t grown = 0, shrunk = 0;
	const struct row *row;
	size_t i;

	if (n == 0)
		return;
	for (i = 0; i < n; i++) {
		row = &t->rows->items[list[i].index];
		if (row->bytes > 0)
			grown += row->bytes;
		else
			shrunk += row->bytes;
	}
	strbuf_addf(&more, "more %s", rows_noun(t->rows));
	units_add_counted(&sb, (int64_t)n, strbuf_str(&more), false);
	strbuf_adds(&sb, n == 1 ? " is" : " are");
	strbuf_adds(&sb, " not shown (");
	if (grown || !shrunk)
		units_add_bytes(&sb, grown, t->rows->before, t->options->units);
	if (grown && shrunk)
		strbuf_adds(&sb, ", ");
	if (shrunk)
		units_add_bytes(&sb, shrunk, true, t->options->units);
	strbuf_adds(&sb, "); --top 0 shows all");
	add_line(t, STYLE_FAINT, strbuf_str(&sb));
}

static struct hs_error *write_rows(struct text *t, FILE *f,
				   const struct shown *list, size_t n)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < n; i++) {
		text_row(t, &t->rows->items[list[i].index], i + 1);
		err = write_flush(&t->out, f);
	}
	return err;
}

struct hs_error *text_write(FILE *f, const struct rows *rows,
			    const struct text_options *options)
{
	struct text t = { .rows = rows, .options = options };
	_cleanup_free_ struct shown *list = NULL;
	size_t n = 0, top = options->top ? options->top : SIZE_MAX;
	struct hs_error *err;

	err = order_rows(&t, &list, &n);
	if (err)
		return err;
	text_head(&t);
	if (rows->before && n)
		text_totals(&t);
	if (rows->series.n)
		text_trend_total(&t);
	text_breakdown(&t);
	add_verdict(&t, list, n);
	add_limit(&t);
	if (top > n)
		top = n;
	err = write_rows(&t, f, list, top);
	if (!err) {
		add_rest(&t, list + top, n - top);
		add_noise_hint(&t, list, n);
		err = write_flush(&t.out, f);
	}
	strbuf_release(&t.out);
	return err;
}
