#include <inttypes.h>
#include <math.h>

#include "output/text_parts.h"

enum {
	INDENT = 4,
	LEVELS = 8,
	MOST_POINTS = 40, /* of a sparkline; more are thinned out */
};

/* Scales from 0, or the smallest point, to the largest. */
static void add_sparkline(struct text *t, const struct heap_counts *points,
			  size_t n)
{
	static const char *const blocks[LEVELS] = { "▁", "▂", "▃", "▄",
						    "▅", "▆", "▇", "█" };
	static const char *const ascii[LEVELS] = { "_", ".", ",", "-",
						   "=", "+", "*", "#" };
	size_t i, shown = n < MOST_POINTS ? n : MOST_POINTS;
	double least = points[0].bytes, most = least, value;
	int level;

	for (i = 1; i < n; i++) {
		least = fmin(least, points[i].bytes);
		most = fmax(most, points[i].bytes);
	}
	for (i = 0; i < shown; i++) {
		value = points[shown > 1 ? i * (n - 1) / (shown - 1) : 0].bytes;
		level = 0;
		if (most > least)
			level = (int)((value - least) / (most - least) *
				      (LEVELS - 0.01));
		strbuf_adds(&t->out,
			    t->options->utf8 ? blocks[level] : ascii[level]);
	}
}

static enum style verdict_style(enum heap_verdict verdict)
{
	switch (verdict) {
	case HEAP_STEADY:
		return STYLE_WARN;
	case HEAP_STEP:
		return STYLE_GROWN;
	case HEAP_SHRINKING:
		return STYLE_SHRUNK;
	case HEAP_CYCLES:
		return STYLE_PLAIN;
	case HEAP_FLAT:
	case HEAP_NOISE:
		break;
	}
	return STYLE_FAINT;
}

/* "  +1.2 MiB/s ± 0.1 MiB/s  grew in 4 of 4 steps  steady leak" */
static void add_trend(struct text *t, const struct heap_trend *trend)
{
	const char *unit = t->rows->series.timed ? "/s" : " a step";
	int64_t slope = llround(trend->slope), error = llround(trend->error);

	strbuf_adds(&t->out, "  ");
	units_add_bytes(&t->out, slope, true, t->options->units);
	strbuf_adds(&t->out, unit);
	if (error > 0) {
		strbuf_adds(&t->out, t->options->utf8 ? " ± " : " +- ");
		units_add_error(&t->out, error, slope, t->options->units);
		strbuf_adds(&t->out, unit);
	}
	strbuf_addf(&t->out, "  grew in %zu of %zu steps  ", trend->grew,
		    trend->steps);
	text_add(t, verdict_style(trend->verdict),
		 heap_verdict_name(trend->verdict));
	strbuf_addc(&t->out, '\n');
}

void text_trend_total(struct text *t)
{
	const struct rows_series *s = &t->rows->series;

	strbuf_adds(&t->out, "  trend   ");
	add_sparkline(t, s->totals, s->n);
	add_trend(t, &s->total);
}

void text_trend_row(struct text *t, const struct row *row)
{
	style_pad(&t->out, INDENT);
	add_sparkline(t, row_point(t->rows, row, 0), t->rows->series.n);
	add_trend(t, row_trend(t->rows, row));
}
