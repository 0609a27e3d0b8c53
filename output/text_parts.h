/**
 * @file text_parts.h - what the files of the text report share; for text*.c
 * only.
 */
#ifndef OUTPUT_TEXT_PARTS_H
#define OUTPUT_TEXT_PARTS_H

#include "base/strbuf.h"
#include "output/rows.h"
#include "output/style.h"
#include "output/text_options.h"

/** The state of writing a report. */
struct text {
	const struct rows *rows;
	const struct text_options *options;
	struct strbuf out;
};

/** Appends @s, a string from outside, to @sb; "?" for NULL. */
void text_add_escaped(struct strbuf *sb, const char *s);

/** Appends @s to the report in @style. */
void text_add(struct text *t, enum style style, const char *s);

/** Appends "+1.2 MiB ± 0.3 MiB" to @sb; without the second part when @variance
 *  is 0. @sign: see units_add_bytes(). */
void text_add_estimate(const struct text *t, struct strbuf *sb, int64_t bytes,
		       double variance, bool sign);

/** Writes the title and the lines below it: what was measured, when and how. */
void text_head(struct text *t);

/** Writes the total growth and shrinkage. */
void text_totals(struct text *t);

/** Writes the memory breakdown, when jemalloc's own numbers are known. */
void text_breakdown(struct text *t);

/** Of a trend: writes how the total changed. */
void text_trend_total(struct text *t);

/** Of a trend: writes a line on how @row changed. */
void text_trend_row(struct text *t, const struct row *row);

/** Writes one stack, frames from the allocation outwards. @number: from 1. */
void text_row(struct text *t, const struct row *row, size_t number);

#endif
