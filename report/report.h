/**
 * @file report.h - reads profiles and writes the report the user asked for.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "heap/inputs.h"
#include "options/options.h"
#include "output/text_options.h"

/** Gives up all rights that the rest does not take (report/confinement.h),
 * reads the files that @o names, by its filters, and names their frames. *ret
 * is empty; heap_inputs_release() in any case. */
struct hs_error *cli_read_inputs(const struct cli_options *o,
				 struct heap_inputs *ret) hs_must_check;

/** Writes what changed between two profiles to the output of @o. The profiles
 *  have their names already (names/resolver.h). */
struct hs_error *cli_report_diff(const struct heap_profile *before,
				 const struct heap_profile *after,
				 const struct cli_options *o) hs_must_check;

/** The same between the first and the last of @profiles[0..n), n >= 2, of one
 *  process in the order of time. */
struct hs_error *cli_report_interval(const struct heap_profile *const *profiles,
				     size_t n,
				     const struct cli_options *o) hs_must_check;

/** The same for @profiles[0..n), n >= 2, in the order of time: a diff of two, a
 *  trend of more. */
struct hs_error *cli_report_several(const struct heap_profile *const *profiles,
				    size_t n,
				    const struct cli_options *o) hs_must_check;

/** The same for what is live in one profile. */
struct hs_error *cli_report_one(struct heap_profile *profile,
				const struct cli_options *o) hs_must_check;

/** HS_ERROR_USAGE when @o asks for a binary format where it cannot be. */
struct hs_error *cli_report_check(const struct cli_options *o) hs_must_check;

/** Writes @what to @f: as text, or as JSON when @text is NULL. */
typedef struct hs_error *cli_writer(FILE *f, const void *what,
				    const struct text_options *text);

/** Has @writer write @what in the format and to the file that @o says, for
 *  commands that have text and JSON only. */
struct hs_error *cli_write(const struct cli_options *o, cli_writer *writer,
			   const void *what) hs_must_check;

#endif
