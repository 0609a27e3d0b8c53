/**
 * @file style.h - colours by meaning.
 */
#ifndef OUTPUT_STYLE_H
#define OUTPUT_STYLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

enum style {
	STYLE_PLAIN,
	STYLE_STRONG, /* titles, the first frame of the program's own code */
	STYLE_GROWN,
	STYLE_SHRUNK,
	STYLE_FAINT, /* noise, library code, explanations */
	STYLE_WARN,
};

/** Appends @s[0..len) in @style; unchanged when not @color. */
void style_add(struct strbuf *sb, enum style style, bool color, const char *s,
	       size_t len);

/** The columns of the UTF-8 text @s on a terminal, if each character takes
 *  one; colours take none. */
size_t style_width(const char *s);

/** Appends the UTF-8 text @s, of which what is beyond @width columns (at least
 *  3) is left out for dots; "…" if @utf8. */
void style_cut(struct strbuf *sb, const char *s, size_t width, bool utf8);

/** Appends @n spaces. */
void style_pad(struct strbuf *sb, size_t n);

#endif
