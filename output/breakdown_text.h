/**
 * @file breakdown_text.h - the memory breakdown as text: a sentence and a
 * table.
 */
#ifndef OUTPUT_BREAKDOWN_TEXT_H
#define OUTPUT_BREAKDOWN_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "base/units.h"
#include "heap/memory_breakdown.h"
#include "heap/profile.h"

struct breakdown_text {
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
	 * that is largest), the sum of the rest, and what is deduced. No
	 * diagnosis above them, and none that nothing grew. */
	bool brief;
};

/** Appends an empty line, the diagnosis, and the parts that add up to RSS;
 *  nothing when there are no numbers. */
void breakdown_text_add(struct strbuf *sb, const struct breakdown_text *t);

/** Appends the diagnosis alone, at most two lines: "malloc: ...\n"; nothing
 * when there are no numbers. */
void breakdown_text_diagnosis(struct strbuf *sb,
			      const struct breakdown_text *t);

/** What @part of @l is called, in all reports. */
const char *breakdown_text_label(const struct heap_breakdown *l,
				 enum heap_breakdown_part part);

#endif
