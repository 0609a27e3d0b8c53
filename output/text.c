#include "output/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sort.h"
#include "output/limit_text.h"
#include "output/sentence.h"
#include "output/text_parts.h"
#include "output/wrap.h"
#include "output/write.h"

struct shown {
	uint64_t size;	/* of the change, the sort key */
	uint32_t index; /* in rows->items */
	enum section section : 8;
	bool shrank; /* where that is looked for growth */
	bool once;   /* one object, where these are apart */
};

static int compare_shown(const void *x, const void *y)
{
	const struct shown *a = x, *b = y;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->shrank != b->shrank)
		return a->shrank ? 1 : -1;
	if (a->once != b->once)
		return a->once ? 1 : -1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
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
		s->index = (uint32_t)i;
		s->size = magnitude(change);
		s->section = section_of(rows, row, t->options->sort);
		s->shrank = sentence_live_grew(rows) && change < 0;
		s->once = t->options->once_apart && row->objects == 1;
	}
	/* Those of one snapshot come in order. */
	sort_if_needed(list, n, sizeof(*list), compare_shown);
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

/* Says when the growth will meet a limit. */
static void add_limit(struct text *t)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	limit_text_add(&sb, &t->rows->left, t->options->units,
		       t->options->utf8);
	t->out.failed |= sb.failed;
	if (!sb.len)
		return;
	text_add(t, STYLE_WARN, strbuf_str(&sb));
	strbuf_addc(&t->out, '\n');
}

/* In lines as wide as the terminal; nothing where @text is empty. */
static void add_wrapped(struct text *t, const struct strbuf *text)
{
	_cleanup_strbuf_ struct strbuf lines = { 0 };

	t->out.failed |= text->failed;
	if (!text->len)
		return;
	wrap_add(&lines, strbuf_str(text), text_width(t), 0);
	text_add(t, STYLE_STRONG, strbuf_str(&lines));
	strbuf_addc(&t->out, '\n');
	t->out.failed |= lines.failed;
}

/* What the report is about, in a sentence. */
static void add_sentence(struct text *t, const struct culprits *grew,
			 const struct culprits *shrank)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	sentence_add(&sb, t->rows, grew, shrank, t->options);
	strbuf_addc(&sb, '.');
	add_wrapped(t, &sb);
	strbuf_clear(&sb);
	sentence_add_verdict(&sb, t->rows, t->options);
	add_wrapped(t, &sb);
	text_diagnosis(t);
	add_limit(t);
}

static struct hs_error *add_head(struct text *t, const struct culprits *grew)
{
	hs_cleanup(culprits_release) struct culprits shrank = { 0 };
	struct hs_error *err;

	err = culprits_find(t->rows, CULPRITS_SHRANK, &shrank);
	if (err)
		return err;
	add_sentence(t, grew, &shrank);
	text_culprits(t, grew);
	if (t->rows->series.n)
		text_trend_total(t);
	text_warnings(t);
	text_breakdown(t);
	return NULL;
}

/* How the numbers were made. */
static void add_foot(struct text *t)
{
	text_facts(t);
	if (t->rows->before && t->rows->net.rows)
		text_totals(t);
	text_hints(t);
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

/* A row of less than that of what grew and shrank says little. */
static const double small_fraction = 0.005;

static bool is_small(const struct rows *rows, const struct row *row)
{
	double whole = (double)rows->grown.bytes;

	whole = fmax(rows->before ? whole : (double)rows->net.bytes,
		     -(double)rows->shrunk.bytes);
	return fabs((double)row->bytes) < small_fraction * whole;
}

/* Puts those of @list[0..n) first that are worth a place, and returns their
 * number. Where something grew for sure, and no row did, the likeliest are. */
static size_t pick(const struct text *t, struct shown *list, size_t n)
{
	enum { LIKELY = 5 };
	const struct rows *rows = t->rows;
	const size_t top = t->options->top;
	const bool unsure = n && list[0].section == SECTION_NOISE &&
			    (sentence_live_grew(rows) || rows_net_grew(rows));
	size_t i, k = 0;

	if (!top)
		return n;
	for (i = 0; i < n && k < top; i++) {
		const struct shown one = list[i];
		const struct row *row = &rows->items[one.index];

		if (one.section == SECTION_NOISE
			    ? !unsure || row->bytes <= 0 || k == LIKELY
			    : is_small(rows, row))
			continue;
		memmove(list + k + 1, list + k, (i - k) * sizeof(*list));
		list[k++] = one;
	}
	return k;
}

static void add_hidden_bytes(struct text *t, struct strbuf *sb,
			     const struct shown *list, size_t n)
{
	int64_t grown = 0, shrunk = 0, bytes;
	size_t i;

	for (i = 0; i < n; i++) {
		bytes = t->rows->items[list[i].index].bytes;
		if (bytes > 0)
			grown += bytes;
		else
			shrunk += bytes;
	}
	if (grown || !shrunk)
		units_add_bytes(sb, grown, t->rows->before, t->options->units);
	if (grown && shrunk)
		strbuf_adds(sb, ", ");
	if (shrunk)
		units_add_bytes(sb, shrunk, true, t->options->units);
}

/* Says in one line what is not shown, and how to see it. */
static void add_rest(struct text *t, const struct shown *list, size_t n,
		     bool more)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 }, noun = { 0 }, lines = { 0 };
	size_t i, noise = 0;

	if (n == 0)
		return;
	for (i = 0; i < n; i++)
		noise += list[i].section == SECTION_NOISE;
	strbuf_addf(&noun, "%s%s", more ? "more " : "", rows_noun(t->rows));
	units_add_counted(&sb, (int64_t)n, strbuf_str(&noun), false);
	strbuf_adds(&sb, n == 1 ? " is" : " are");
	strbuf_adds(&sb, " not shown (");
	add_hidden_bytes(t, &sb, list, n);
	strbuf_addc(&sb, ')');
	if (noise) {
		strbuf_adds(&sb, ", ");
		if (noise < n)
			strbuf_addf(&sb, "%zu of them ", noise);
		strbuf_adds(&sb, "within the sampling noise");
	}
	strbuf_adds(&sb, "; --top 0 shows all");
	wrap_add(&lines, strbuf_str(&sb), text_width(t), 0);
	add_line(t, STYLE_FAINT, strbuf_str(&lines));
	t->out.failed |= sb.failed || noun.failed || lines.failed;
}

static struct hs_error *flush(struct text *t, FILE *f)
{
	const char *p = strbuf_str(&t->out);

	while ((p = strchr(p, '\n'))) {
		t->lines++;
		p++;
	}
	return write_flush(&t->out, f);
}

static struct hs_error *write_rows(struct text *t, FILE *f,
				   const struct shown *list, size_t n)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < n; i++) {
		if (list[i].once && (!i || !list[i - 1].once))
			add_line(t, STYLE_STRONG, "allocated once:");
		text_row(t, &t->rows->items[list[i].index], i + 1);
		if (i < TEXT_WRITTEN)
			t->written[t->n_written++] =
				&t->rows->items[list[i].index];
		err = flush(t, f);
	}
	return err;
}

/* The whole report, but for what is added when it does not fit a screen. */
static struct hs_error *write_report(struct text *t, FILE *f,
				     const struct culprits *grew)
{
	_cleanup_free_ struct shown *list = NULL;
	size_t n = 0, top = 0;
	struct hs_error *err = order_rows(t, &list, &n);

	if (!err)
		err = add_head(t, grew);
	if (err)
		return err;
	top = pick(t, list, n);
	err = write_rows(t, f, list, top);
	if (err)
		return err;
	add_rest(t, list + top, n - top, top);
	add_foot(t);
	add_noise_hint(t, list, n);
	return flush(t, f);
}

struct hs_error *text_write(FILE *f, const struct rows *rows,
			    const struct text_options *options)
{
	hs_cleanup(culprits_release) struct culprits grew = { 0 };
	struct text t = { .rows = rows, .options = options };
	struct hs_error *err = culprits_find(rows, CULPRITS_GREW, &grew);

	if (!err)
		err = write_report(&t, f, &grew);
	/* The first lines are out of sight. */
	if (!err && options->height && t.lines >= options->height) {
		text_most(&t, &grew);
		err = flush(&t, f);
	}
	strbuf_release(&t.out);
	return err;
}
