/**
 * @file text_options.h - options of the text reports.
 */
#ifndef OUTPUT_TEXT_OPTIONS_H
#define OUTPUT_TEXT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/units.h"
#include "output/limit_verdict.h"
#include "output/row_options.h"

/** Where lines of source are read. */
struct source_reader {
	/* Line @line, from 1, of @path, without its newline: free(3). NULL: it
	 * cannot be read, or the file is newer than @before_us (microseconds
	 * since 1970; -1: any time). */
	char *(*line)(void *arg, const char *path, uint32_t line,
		      int64_t before_us);
	void *arg;
};

struct text_options {
	size_t width; /* columns of the terminal; 0: no terminal, so nothing is
			 cut */
	bool color;
	bool utf8;	 /* the reader's character set has more than ASCII */
	bool all_frames; /* also on a terminal */
	enum units units;
	enum rows_sort sort; /* the order of the rows */
	size_t top;	     /* stacks to show; 0: all */
	bool once_apart;     /* rows of a single object come last, below a line
				that says so */
	bool addresses;	     /* below each frame, its code's addresses */
	/* Columns of the tree: the threads of a node, for which the rows have
	 * columns, and the module of its function. */
	bool threads, modules;
	bool folded_signed;	      /* as in struct format_options */
	struct limit_verdict verdict; /* of --fail-above */
	size_t height; /* lines of the terminal; 0: no terminal */
	const struct source_reader *source; /* borrowed; NULL: no source */
};

#endif
