/**
 * @file report.h - writes a report in any of the formats.
 */
#ifndef OUTPUT_REPORT_H
#define OUTPUT_REPORT_H

#include <stdio.h>

#include "base/error.h"
#include "output/format_names.h"
#include "output/rows.h"
#include "output/text_options.h"

/** Writes the report of @rows to @f, with those of @options that the format
 *  has. FORMAT_AUTO and FORMAT_HEAP, which are no reports, write the text. An
 *  error of @f is HS_ERROR_SYSTEM with its errno. */
struct hs_error *report_write(FILE *f, const struct rows *rows,
			      enum report_format format,
			      const struct text_options *options) hs_must_check;

#endif
