#include "output/text_parts.h"

enum { INDENT = 4, US_PER_MS = 1000 };

static void add_age(struct strbuf *sb, const struct heap_samples *s)
{
	strbuf_adds(sb, "median ");
	units_add_duration(sb, s->median_ms * US_PER_MS);
	strbuf_adds(sb, ", oldest ");
	units_add_duration(sb, s->oldest_ms * US_PER_MS);
}

static void add_type(struct strbuf *sb, const struct heap_samples *s)
{
	text_add_escaped(sb, s->type);
	strbuf_addf(sb, " (%.0f%%)",
		    100 * (double)s->of_type / (double)s->looked_at);
}

/* "age of 40 samples: median 7.5 s, oldest 8.2 s; type: shop::request (98%)" */
static void add_ages(struct strbuf *sb, const struct heap_samples *s)
{
	const bool aged = s->median_ms != HEAP_AGE_UNKNOWN;

	strbuf_adds(sb, aged ? "age of " : "type of ");
	units_add_counted(sb, s->n, "sample", false);
	strbuf_adds(sb, ": ");
	if (aged)
		add_age(sb, s);
	if (aged && s->type)
		strbuf_adds(sb, "; type: ");
	if (s->type)
		add_type(sb, s);
}

void text_age_row(struct text *t, const struct row *row)
{
	const struct heap_samples *s =
		row_ages_find(&t->rows->ages, row->number);
	_cleanup_strbuf_ struct strbuf sb = { 0 }, shown = { 0 };
	const size_t width = t->options->width;

	if (!s || (s->median_ms == HEAP_AGE_UNKNOWN && !s->type))
		return;
	add_ages(&sb, s);
	if (width)
		style_cut(&shown, strbuf_str(&sb), width - INDENT,
			  t->options->utf8);
	else
		strbuf_adds(&shown, strbuf_str(&sb));
	style_pad(&t->out, INDENT);
	text_add(t, STYLE_PLAIN, strbuf_str(&shown));
	strbuf_addc(&t->out, '\n');
	t->out.failed |= sb.failed || shown.failed;
}
