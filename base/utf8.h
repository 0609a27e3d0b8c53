/**
 * @file utf8.h - reads UTF-8.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/** Length of the well-formed UTF-8 sequence at @s[0..len), len > 0 (RFC 3629: no
 *  surrogates, no overlong forms), 0 when there is none. *cp is the code
 *  point. */
size_t utf8_sequence(const unsigned char *s, size_t len, uint32_t *cp);

#endif
