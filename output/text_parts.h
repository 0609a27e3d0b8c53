/**
 * @file text_parts.h - what the files of the text report share; for text*.c
 * only.
 */
#ifndef OUTPUT_TEXT_PARTS_H
#define OUTPUT_TEXT_PARTS_H

#include "base/strbuf.h"
#include "output/culprits.h"
#include "output/rows.h"
#include "output/style.h"
#include "output/text_options.h"

/** Rows that later ones are compared with. */
enum { TEXT_WRITTEN = 64 };

/** The state of writing a report. */
struct text {
	const struct rows *rows;
	const struct text_options *options;
	struct strbuf out;
	/* The first rows that were written, in their order. */
	const struct row *written[TEXT_WRITTEN];
	size_t n_written;
	size_t lines; /* that were written */
};

/** Appends @s, a string from outside, to @sb; "?" for NULL. */
void text_add_escaped(struct strbuf *sb, const char *s);

/** Appends @s to the report in @style. */
void text_add(struct text *t, enum style style, const char *s);

/** Appends "+1.2 MiB ± 0.3 MiB" to @sb; without the second part when @variance
 *  is 0. @sign: see units_add_bytes(). */
void text_add_estimate(const struct text *t, struct strbuf *sb, int64_t bytes,
		       double variance, bool sign);

/** The columns that text is broken at. */
size_t text_width(const struct text *t);

/** Writes the lines of the program that most of it comes from. */
void text_culprits(struct text *t, const struct culprits *c);

/** Writes the first of them again, in one line. */
void text_most(struct text *t, const struct culprits *c);

/** Writes two spaces, the function of @f and where it is, and ends the line,
 *  which has @used columns. */
void text_place(struct text *t, const struct row_frame *f, size_t used);

/** Writes what is remarkable of the snapshots and of what is left out. */
void text_warnings(struct text *t);

/** Writes what was measured, when and how. */
void text_facts(struct text *t);

/** Writes the total growth and shrinkage. */
void text_totals(struct text *t);

/** Writes what the memory breakdown says in a sentence; with all_frames the
 *  breakdown has it. */
void text_diagnosis(struct text *t);

/** Writes where the profile and jemalloc's own count differ, and why. */
void text_hints(struct text *t);

/** Writes the memory breakdown, in all its parts with all_frames, when
 * jemalloc's own numbers are known. */
void text_breakdown(struct text *t);

/** Of a trend: writes how the total changed. */
void text_trend_total(struct text *t);

/** Of a trend: writes a line on how @row changed. */
void text_trend_row(struct text *t, const struct row *row);

/** Writes a line on how old what @row has in use is, and what, where that is
 *  known. */
void text_age_row(struct text *t, const struct row *row);

/** Writes one stack, frames from the allocation outwards. @number: from 1. */
void text_row(struct text *t, const struct row *row, size_t number);

#endif
