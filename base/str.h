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

/** @path is one of Windows, "C:\..." or "\\host\...": a program that runs there
 *  has such names in its dumps. */
static inline bool str_is_windows_path(const char *path)
{
	return (path[0] && path[1] == ':' &&
		(path[2] == '\\' || path[2] == '/')) ||
	       (path[0] == '\\' && path[1] == '\\');
}

/** The part of @path behind its last slash, or backslash on Windows; all of it
 *  when nothing is there. */
static inline const char *str_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *back = str_is_windows_path(path) ? strrchr(path, '\\')
						     : NULL;

	if (back && (!slash || back > slash))
		slash = back;
	return slash && slash[1] ? slash + 1 : path;
}

#endif
