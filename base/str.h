/**
 * @file str.h - small helpers for NUL-terminated strings.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <string.h>

static inline bool str_starts_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

/** @s may be no longer than @end. */
static inline bool str_ends_with(const char *s, const char *end)
{
	const size_t len = strlen(s), n = strlen(end);

	return len >= n && memcmp(s + len - n, end, n) == 0;
}

/** NULL equals NULL alone. */
static inline bool str_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/** The part of @path behind its last slash; all of it when nothing is there. */
static inline const char *str_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

#endif
