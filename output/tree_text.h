/**
 * @file tree_text.h - writes the call tree as text.
 */
#ifndef OUTPUT_TREE_TEXT_H
#define OUTPUT_TREE_TEXT_H

#include <stdio.h>

#include "base/error.h"
#include "output/rows.h"
#include "output/text_options.h"

/** Writes the tree of calls from the outermost functions on, with the change of
 *  each function and all that it calls. It sums up small branches in one line,
 *  unless all_frames. An error of @f is HS_ERROR_SYSTEM with its errno. */
struct hs_error *tree_write(FILE *f, const struct rows *rows,
			    const struct text_options *options) hs_must_check;

#endif
