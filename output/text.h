/**
 * @file text.h - writes the report that people read.
 */
#ifndef OUTPUT_TEXT_H
#define OUTPUT_TEXT_H

#include <stdio.h>

#include "base/error.h"
#include "output/rows.h"
#include "output/text_options.h"

/** Writes the report of @rows, a diff or one snapshot, to @f. An error of @f is
 *  HS_ERROR_SYSTEM with its errno. */
struct hs_error *text_write(FILE *f, const struct rows *rows,
			    const struct text_options *options) hs_must_check;

#endif
