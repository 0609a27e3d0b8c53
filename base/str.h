/**
 * @file str.h - questions about texts, which end in NUL.
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

/** What stands behind the last slash of @path; all of it where nothing
 *  does. */
static inline const char *str_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

#endif
