/**
 * @file read.h - reads heap dumps and snapshot files.
 *
 * The dialects are jemalloc's heap_v2 (4.0 to 5.3.1), the same followed by our
 * own "# heapsnap" lines, "heap profile:" of jemalloc 2 and 3, gperftools and
 * Go, and any of them after the names of "--- symbol" (jeprof --raw); and the
 * protobufs of pprof (heap/format/read_pprof.h). All may
 * be compressed with gzip or zstd. Parsing is strict about what counts: damage
 * is an error with file:line (HS_ERROR_INPUT), never a smaller heap. What costs
 * no more than a name, and stacks that are missing, are remarks
 * (heap/remarks.h).
 */
#ifndef HEAP_FORMAT_READ_H
#define HEAP_FORMAT_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "heap/profile.h"

struct heap_read_options {
	bool threads; /* fill threads and their shares */
	/* Leave out what stacks allocated since the start, of dumps in text:
	 * it takes most of a profile's memory. */
	bool live_only;
};

/** Parses @text[0..len). @name is for errors and meta.file. Pure: opens no
 *  file. @options may be NULL. *ret is the caller's: heap_profile_release(); it
 *  is empty after an error. */
struct hs_error *heap_read_with(const char *text, size_t len, const char *name,
				const struct heap_read_options *options,
				struct heap_profile *ret) hs_must_check;

/** Opens the file @path to read it: *ret is the caller's to close. "-" is
 *  standard input. HS_ERROR_INPUT. */
struct hs_error *heap_open_file(const char *path, int *ret) hs_must_check;

/** Reads and parses what is in @fd, which is borrowed; @name is for errors and
 *  meta.file. Rejects a file that cannot be a heap dump by its first bytes.
 *  Reads the file in pieces and does not map it: a program that overwrites it
 *  with a new dump would end us with SIGBUS. */
struct hs_error *heap_read_fd(int fd, const char *name,
			      const struct heap_read_options *options,
			      struct heap_profile *ret) hs_must_check;

#endif
