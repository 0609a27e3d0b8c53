/**
 * @file escape.h - makes strings from outside harmless.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

/** Appends @s[0..len) for a terminal or a message: control bytes (C0, DEL, C1
 *  as UTF-8), bidirectional controls, U+FFFE, U+FFFF and bytes that are not
 *  UTF-8 become \xNN, a backslash stays. */
void escape_terminal(struct strbuf *sb, const char *s, size_t len);

/** Appends @s[0..len) as valid UTF-8 (for JSON): bytes that are not UTF-8,
 *  NUL, DEL, C1 and bidirectional controls become \xNN: a JSON writer may leave
 *  them as they are, and a terminal obeys them. The other control characters
 *  are left to the JSON writer, which has to escape them (RFC 8259, 7). */
void escape_utf8(struct strbuf *sb, const char *s, size_t len);

/** Appends @s[0..len) for a text or an attribute's value in HTML or XML: the
 *  output of escape_terminal(), with markup characters as entities. */
void escape_markup(struct strbuf *sb, const char *s, size_t len);

/** Appends @s[0..len) as one word of a line: space, control bytes, backslash
 *  and bytes above 0x7e become \xNN; an empty text becomes "\e". */
void escape_word(struct strbuf *sb, const char *s, size_t len);

/** Undoes escape_word() on all of @s[0..len), appending to @sb. False, with @sb
 *  unchanged, when escape_word() never writes this. */
bool unescape_word(struct strbuf *sb, const char *s, size_t len);

#endif
