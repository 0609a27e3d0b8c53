/**
 * @file breakdown_rows.h - the rows of the memory breakdown, as text and page
 * show them: the same words in the same order.
 */
#ifndef OUTPUT_BREAKDOWN_ROWS_H
#define OUTPUT_BREAKDOWN_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "base/units.h"
#include "heap/memory_breakdown.h"
#include "heap/profile.h"

/** What is shown of one reading, or of two. */
struct breakdown_view {
	const struct heap_meta *before; /* NULL: one reading */
	const struct heap_meta *after;
	/* The profiles' estimates of live allocations; NULL: no profile. */
	const struct heap_counts *estimate_before, *estimate_after;
	/* The most by which live allocations shrank between two snapshots that
	 * came in between, bytes; 0: nothing is known. */
	int64_t live_fell;
	enum units units;
	bool color, utf8;
	/* Only live allocations, the part that changed most (of one reading:
	 * that is largest), the sum of the rest, and what is deduced. In text
	 * no diagnosis above them, and none that nothing grew. */
	bool brief;
	bool narrow; /* long labels take two rows */
};

enum breakdown_row_kind {
	BREAKDOWN_PART,	   /* these and what is deduced add up to the total */
	BREAKDOWN_DETAIL,  /* of the part above it, or words on it */
	BREAKDOWN_DEDUCED, /* follows from parts and total: negative or 0 */
	BREAKDOWN_TOTAL,
	BREAKDOWN_BESIDE, /* in none of them */
	BREAKDOWN_NOTE,	  /* a sentence on all, without numbers */
};

#define BREAKDOWN_UNKNOWN INT64_MIN

struct breakdown_row {
	enum breakdown_row_kind kind;
	enum heap_breakdown_part part; /* of a part, or what is deduced */
	char *label;		       /* owned; not escaped */
	int64_t before, after;	       /* bytes; BREAKDOWN_UNKNOWN: no number */
};

struct breakdown_rows {
	struct breakdown_row *items; /* owned; none: nothing is known */
	size_t n, cap;
	struct heap_breakdown before, after;
	bool diff;   /* both are known, and comparable */
	bool failed; /* memory ran out */
};

/** The rows of @v. breakdown_rows_release(). */
void breakdown_rows_make(struct breakdown_rows *rows,
			 const struct breakdown_view *v);

void breakdown_rows_release(struct breakdown_rows *rows);

/** Appends when freed pages come back to the system: "comes back after 10 s",
 *  "never comes back"; nothing where that is not known. */
void breakdown_add_return(struct strbuf *sb, const struct heap_breakdown *l);

#endif
