/**
 * @file escape.h - strings from outside, made harmless.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

/** Appends @s[0..len) for a terminal or a message: control bytes (C0, DEL, C1
 *  as UTF-8), bidirectional overrides and bytes that are not UTF-8 become
 *  \xNN, a backslash stays. */
void escape_terminal(struct strbuf *sb, const char *s, size_t len);

/** Appends @s[0..len) as valid UTF-8 (for JSON): bytes that are not UTF-8 and
 *  NUL become \xNN. Other control characters are left to the JSON writer. */
void escape_utf8(struct strbuf *sb, const char *s, size_t len);

/** Appends @s[0..len) for a text or an attribute's value in HTML or XML: what
 *  escape_terminal() makes of it, with what these languages take for markup as
 *  entities. */
void escape_markup(struct strbuf *sb, const char *s, size_t len);

/** Appends @s[0..len) as one word of a line: space, control bytes, backslash
 *  and bytes above 0x7e become \xNN; an empty text becomes "\e". */
void escape_word(struct strbuf *sb, const char *s, size_t len);

/** Undoes escape_word() on all of @s[0..len), appending to @sb. false, and
 *  @sb as it was, when escape_word() writes no such thing. */
bool unescape_word(struct strbuf *sb, const char *s, size_t len);

#endif
