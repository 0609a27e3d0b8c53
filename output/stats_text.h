/**
 * @file stats_text.h - memory statistics as text.
 */
#ifndef OUTPUT_STATS_TEXT_H
#define OUTPUT_STATS_TEXT_H

#include <stdio.h>

#include "base/error.h"
#include "heap/stats.h"
#include "output/text_options.h"

/** Writes the changes from @before (NULL: one reading) to @after to @f; ignores
 *  those @options that concern stacks. An error of @f is HS_ERROR_SYSTEM with
 *  its errno. */
struct hs_error *
stats_text_write(FILE *f, const struct heap_stats *before,
		 const struct heap_stats *after,
		 const struct text_options *options) hs_must_check;

#endif
