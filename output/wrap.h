/**
 * @file wrap.h - breaks text into lines.
 */
#ifndef OUTPUT_WRAP_H
#define OUTPUT_WRAP_H

#include <stddef.h>

#include "base/strbuf.h"

/** Appends the words of @text in lines of less than @width columns (a longer
 *  word has its own line), each @indent spaces in, without the last newline. */
void wrap_add(struct strbuf *sb, const char *text, size_t width, size_t indent);

#endif
