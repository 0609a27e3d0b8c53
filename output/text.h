/**
 * @file text.h - the report that people read.
 */
#ifndef OUTPUT_TEXT_H
#define OUTPUT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "base/units.h"
#include "output/rows.h"

struct text_options {
	size_t width; /* columns of the terminal; 0: no terminal, so nothing is
			 short_name */
	bool color;
	bool utf8;	 /* the reader's character set has more than ASCII */
	bool all_frames; /* also on a terminal */
	enum units units;
	enum rows_sort sort; /* as the rows were */
	size_t top;	     /* stacks to show; 0: all */
	bool addresses;	     /* below each frame, those of its code */
	/* Columns of the tree: the threads of a node, for which the rows have
	 * extras, and the module of its function. */
	bool threads, modules;
};

/** Writes the report of @rows, a diff or one snapshot, to @f. An error of @f is
 *  HS_ERROR_SYSTEM with its errno. */
struct hs_error *text_write(FILE *f, const struct rows *rows,
			    const struct text_options *options) hs_must_check;

#endif
