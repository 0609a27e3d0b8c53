/**
 * @file library.h - finds a shared library where ld.so(8) would.
 */
#ifndef LAUNCH_LIBRARY_H
#define LAUNCH_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/**
 * Finds the file of the library @name, "libjemalloc.so.2", in the cache that
 * ldconfig(8) keeps, or without one in the usual folders. Only a file of this
 * machine counts. *ret is the caller's to free(3); NULL: there is none.
 */
struct hs_error *library_find(const char *name, char **ret) hs_must_check;

/** Checks that ld.so(8) can preload the file @path: *ret, the caller's to
 *  free(3), is its absolute name. HS_ERROR_INPUT: why not. */
struct hs_error *library_check(const char *path, char **ret) hs_must_check;

/**
 * Calls @fn with each path that the cache @data[0..len) has for the library
 * @name, the preferred ones first, until it returns true. A cache that is
 * damaged, or of another form, has none.
 *
 * The form is that of glibc 2.2 and later, sysdeps/generic/dl-cache.h: struct
 * cache_file_new, perhaps behind the older struct cache_file.
 */
bool library_cache_each(const char *data, size_t len, const char *name,
			bool (*fn)(const char *path, void *arg), void *arg);

#endif
