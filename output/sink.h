/**
 * @file sink.h - where a report goes: standard output, or a file that is there
 * whole or not at all.
 */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/new_file.h"

struct sink {
	FILE *f;	  /* what to write to */
	const char *path; /* borrowed; NULL: standard output */
	bool whole;	  /* there whole or not at all, by way of file */
	struct new_file file;
};

/** @path can be opened by sink_open(), as far as that is seen without doing
 *  it. */
struct hs_error *sink_check(const char *path) hs_must_check;

/** Opens @path (mode 0600, under another name until it is whole); for NULL it
 *  is @standard, standard output, which sink_close() closes. What exists and is
 * no regular file, as /dev/null or a pipe, is written to as it is. On success
 * sink_close() has to follow. */
struct hs_error *sink_open(struct sink *sink, const char *path,
			   FILE *standard) hs_must_check;

/** Ends it: keeps the file if @err, which is taken and given back, is NULL and
 *  all of it could be written; else it is removed. */
struct hs_error *sink_close(struct sink *sink,
			    struct hs_error *err) hs_must_check;

#endif
