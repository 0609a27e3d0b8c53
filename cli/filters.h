/**
 * @file filters.h - what of the heap is looked at, and how much may grow.
 */
#ifndef CLI_FILTERS_H
#define CLI_FILTERS_H

#include "base/error.h"
#include "cli/options.h"
#include "heap/profile.h"
#include "heap/format/read.h"

/** Checks and compiles what of the options is for this file; reads the file of
 *  suppressions. Called by cli_options_parse(). */
struct hs_error *filters_finish(struct cli_options *o) hs_must_check;

void filters_release(struct cli_options *o);

/** What has to be read of dumps for these options. */
struct heap_read_options filters_read_options(const struct cli_options *o);

/** Checks that @p, which was read with filters_read_options(), has the numbers
 *  that are asked for, and takes the threads from it that are not. */
struct hs_error *filters_apply(const struct cli_options *o,
			       struct heap_profile *p) hs_must_check;

/** Reads the file @path for these options: heap_read_file_with() and
 *  filters_apply(). */
struct hs_error *filters_read_file(const struct cli_options *o,
				   const char *path,
				   struct heap_profile *ret) hs_must_check;

/** HS_ERROR_GREW when the significant growth of @rows is above the limit. */
struct hs_error *filters_check_growth(const struct cli_options *o,
				      const struct rows *rows) hs_must_check;

#endif
