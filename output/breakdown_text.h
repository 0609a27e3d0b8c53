/**
 * @file breakdown_text.h - the memory breakdown as text: a sentence and a
 * table.
 */
#ifndef OUTPUT_BREAKDOWN_TEXT_H
#define OUTPUT_BREAKDOWN_TEXT_H

#include "base/strbuf.h"
#include "output/breakdown_rows.h"

/** Appends an empty line, the diagnosis, and the parts that add up to RSS;
 *  nothing when there are no numbers. */
void breakdown_text_add(struct strbuf *sb, const struct breakdown_view *v);

/** Appends the diagnosis alone, at most two lines: "malloc: ...\n"; nothing
 * when there are no numbers. */
void breakdown_text_diagnosis(struct strbuf *sb,
			      const struct breakdown_view *v);

#endif
