/**
 * @file hint_text.h - the hints as text.
 */
#ifndef OUTPUT_HINT_TEXT_H
#define OUTPUT_HINT_TEXT_H

#include "base/strbuf.h"
#include "base/units.h"
#include "heap/hints.h"
#include "heap/profile.h"

/** Appends @hint for @p as one or more lines of less than 80 columns, without
 *  the last newline. */
void hint_text_add(struct strbuf *sb, const struct heap_hint *hint,
		   const struct heap_profile *p, enum units units);

#endif
