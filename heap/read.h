/**
 * @file read.h - reads heap dumps and snapshot files.
 *
 * The dialects are jemalloc's heap_v2 (4.0 to 5.3.1) and that followed by our
 * own "# heapsnap" lines. Strict: what is damaged is an error with file:line
 * (HS_ERROR_INPUT), never a smaller heap.
 */
#ifndef HEAP_READ_H
#define HEAP_READ_H

#include <stddef.h>

#include "base/error.h"
#include "heap/profile.h"

/** Parses @text[0..len). @name is for errors and origin.file. Pure: opens
 *  nothing. *ret is the caller's: heap_profile_release(); it is empty after an
 *  error. */
struct hs_error *heap_read(const char *text, size_t len, const char *name,
			   struct heap_profile *ret) hs_must_check;

/** Reads the file @path and parses it; "-" is standard input. What cannot be a
 *  heap dump is refused by its first bytes. The file is copied, not mapped: a
 *  program that writes a new dump over it would end us with SIGBUS. */
struct hs_error *heap_read_file(const char *path,
				struct heap_profile *ret) hs_must_check;

#endif
