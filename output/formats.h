/**
 * @file formats.h - writes reports for other tools, and pictures.
 *
 * All are written from the same rows, largest growth first. They count the
 * change, or in a report of one snapshot the live memory. Each escapes strings
 * from outside by the rules of its format. An error of the stream is
 * HS_ERROR_SYSTEM with its errno.
 */
#ifndef OUTPUT_FORMATS_H
#define OUTPUT_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "output/limit_verdict.h"
#include "output/rows.h"
#include "output/text_options.h"

struct format_options {
	size_t top;	     /* rows to write; 0: all */
	enum rows_sort sort; /* the measure, for formats with only one */
	enum units units;
	bool folded_signed; /* of a diff in folded: only the change */
	bool addresses;	    /* for tables: write the code's columns, too */
	struct limit_verdict verdict; /* for tests: of the limit on growth */
};

/** A stack a line, outermost frame first: "main;serve;query 4096"; of a diff
 *  before and after, "main;serve;query 4096 8192", or with o->folded_signed the
 *  change, negative where a stack shrank. */
struct hs_error *folded_write(FILE *f, const struct rows *rows,
			      const struct format_options *o) hs_must_check;

/** A table for spreadsheets, a stack a line (RFC 4180). */
struct hs_error *csv_write(FILE *f, const struct rows *rows,
			   const struct format_options *o) hs_must_check;

/** A call graph for Graphviz. */
struct hs_error *dot_write(FILE *f, const struct rows *rows,
			   const struct format_options *o) hs_must_check;

/** The symbolized raw profile of jeprof, which shows it without any binary.
 *  @rows: of one snapshot, as the format has no negative numbers. */
struct hs_error *jeprof_write(FILE *f, const struct rows *rows,
			      const struct format_options *o) hs_must_check;

/** A gzipped profile.proto of pprof: inuse_objects and inuse_space, and where
 *  the profiles have both, alloc_objects and alloc_space; which the rows count
 *  is shown first. With rows.columns samples have their threads as labels. In a
 *  diff the numbers of before are negative, labelled like those of
 *  -diff_base. */
struct hs_error *pprof_write(FILE *f, const struct rows *rows,
			     const struct format_options *o) hs_must_check;

/** A flame graph as a static picture: the width is live memory, in a diff the
 *  colour is the change. */
struct hs_error *svg_write(FILE *f, const struct rows *rows,
			   const struct format_options *o) hs_must_check;

/** Test results, as JUnit and its likes have them: a test for each row that
 * grew for sure (of one snapshot, for each), which failed unless a limit allows
 * it; one that passed where there is none. */
struct hs_error *junit_write(FILE *f, const struct rows *rows,
			     const struct format_options *o) hs_must_check;

/** The same rows as results of an analysis, SARIF 2.1.0: errors above a limit,
 *  notes within it, warnings without. */
struct hs_error *sarif_write(FILE *f, const struct rows *rows,
			     const struct format_options *o) hs_must_check;

/** A table in markdown with the largest of these rows, below 2 KB. */
struct hs_error *markdown_write(FILE *f, const struct rows *rows,
				const struct text_options *o) hs_must_check;

/* --- what they share ----------------------------------------------------- */

/** The measure of a row of @rows, before and after. */
struct measure {
	int64_t before, after;
};

struct measure measure_of(const struct rows *rows, const struct row *row,
			  enum rows_sort sort);

static inline int64_t measure_change(struct measure m)
{
	return m.after - m.before;
}

/** Rows [0, *) are the @top ones; some of them may be unchanged. */
size_t formats_rows(const struct rows *rows, size_t top);

/** Appends the measure @n for people: "+1.2 MiB", "12 objects". */
void formats_add_measure(struct strbuf *sb, int64_t n, bool sign,
			 const struct format_options *o);

/** The kind of numbers of @rows: "live" or "allocated". */
const char *formats_counted(const struct rows *rows);

/** The subject of @rows: "live heap", "heap growth". */
const char *formats_subject(const struct rows *rows);

/** Appends the title: "heap growth of searchd (pid 25861)". Not escaped. */
void formats_add_title(struct strbuf *sb, const struct rows *rows);

#endif
