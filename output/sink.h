/**
 * @file sink.h - opens the destination of a report: standard output, or a file
 * that appears whole or not at all.
 */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/new_file.h"

struct sink {
	FILE *f;	  /* the stream to write to */
	const char *path; /* borrowed; NULL: standard output */
	bool whole;	  /* replaced as a whole, through file */
	struct new_file file;
};

/** Checks that sink_open() can open @path, as far as possible without opening
 *  it. */
struct hs_error *sink_check(const char *path) hs_must_check;

/** Opens @path (mode 0600, under another name until it is whole); for NULL uses
 *  @standard, standard output, which sink_close() closes. Writes directly to
 *  what exists and is no regular file, like /dev/null or a pipe. On success
 *  sink_close() must follow. */
struct hs_error *sink_open(struct sink *sink, const char *path,
			   FILE *standard) hs_must_check;

/** Closes the sink. Keeps the file if @err, which is taken and returned, is
 *  NULL and writing succeeded; else removes it. */
struct hs_error *sink_close(struct sink *sink,
			    struct hs_error *err) hs_must_check;

#endif
