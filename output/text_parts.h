/**
 * @file text_parts.h - the parts of the text report, for text*.c only.
 */
#ifndef OUTPUT_TEXT_PARTS_H
#define OUTPUT_TEXT_PARTS_H

#include "base/strbuf.h"
#include "output/rows.h"
#include "output/style.h"
#include "output/text_options.h"

/** A report that is being written. */
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

/** What was measured, when and how: the title and the lines below it. */
void text_head(struct text *t);

/** What grew and what shrank, in all. */
void text_totals(struct text *t);

/** Where resident memory is, by jemalloc's own numbers, when they are known. */
void text_breakdown(struct text *t);

/** Of a trend: how all of it went. */
void text_trend_total(struct text *t);

/** Of a trend: a line that tells how @row went. */
void text_trend_row(struct text *t, const struct row *row);

/** One stack, frames from the allocation outwards. @number: from 1. */
void text_row(struct text *t, const struct row *row, size_t number);

#endif
