/**
 * @file limit_text.h - when a limit is reached, as a sentence and as JSON.
 */
#ifndef OUTPUT_LIMIT_TEXT_H
#define OUTPUT_LIMIT_TEXT_H

#include "base/strbuf.h"
#include "base/units.h"
#include "heap/time_left.h"
#include "output/json_build.h"

/** Appends "At 2.0 +- 0.2 MiB/s the limit of its group, 8 GiB, is reached in 58
 *  min."; nothing when nothing can be said. */
void limit_text_add(struct strbuf *sb, const struct heap_time_left *left,
		    enum units units, bool utf8);

/** The same for programs; null when nothing can be said. */
json_t *limit_json(struct json_build *b, const struct heap_time_left *left);

#endif
