/**
 * @file parse.h - parses numbers strictly: the whole text or nothing.
 *
 * Each returns false, with *ret unchanged, for an empty text, a misplaced sign
 * or space, anything behind the number, and overflow.
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Decimal digits, all of @s[0..len). */
bool parse_u64(const char *s, size_t len, uint64_t *ret);

/** Hexadecimal digits of either case, no "0x", all of @s[0..len). */
bool parse_hex(const char *s, size_t len, uint64_t *ret);

/** Like parse_u64() for a NUL-terminated text that must fit [min, max]. */
bool parse_range(const char *s, uint64_t min, uint64_t max, uint64_t *ret);

/** A time: "10s", "500ms", "5m", "1h", "1.5s"; a bare number is seconds.
 *  *ret is microseconds. */
bool parse_duration(const char *s, int64_t *ret);

/** A size: "4096", "64K", "1.5MiB", "2G" (powers of 1024; a trailing "B" or
 *  "iB" changes nothing). *ret is bytes. */
bool parse_size(const char *s, uint64_t *ret);

#endif
