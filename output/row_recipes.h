/**
 * @file row_recipes.h - makes the rows of one profile, of a diff and of a
 * trend.
 */
#ifndef OUTPUT_ROW_RECIPES_H
#define OUTPUT_ROW_RECIPES_H

#include <stddef.h>

#include "base/error.h"
#include "heap/diff.h"
#include "heap/profile.h"
#include "output/rows.h"

/** Rows of a diff, which must outlive *ret. rows_release(). */
struct hs_error *rows_of_diff(const struct heap_diff *diff,
			      const struct rows_options *options,
			      struct rows *ret) hs_must_check;

/** Rows of one profile, which must outlive *ret. rows_release(). */
struct hs_error *rows_of_profile(const struct heap_profile *profile,
				 const struct rows_options *options,
				 struct rows *ret) hs_must_check;

/** The same, and takes what it can from @profile, so that both are never in
 *  memory as a whole: it has no stacks and no locations afterwards. */
struct hs_error *rows_take_profile(struct heap_profile *profile,
				   const struct rows_options *options,
				   struct rows *ret) hs_must_check;

/** Rows of @profiles[0..n), n >= 3, in the order of time, which must outlive
 *  *ret: like those of a diff of the first and the last, with their series.
 *  rows_release(). */
struct hs_error *rows_of_trend(const struct heap_profile *const *profiles,
			       size_t n, const struct rows_options *options,
			       struct rows *ret) hs_must_check;

/** The same, as a diff of the first and the last of @profiles[0..n), n >= 3: the
 *  others were only taken to know more of the time in between.
 *  rows_release(). */
struct hs_error *rows_of_interval(const struct heap_profile *const *profiles,
				  size_t n, const struct rows_options *options,
				  struct rows *ret) hs_must_check;

#endif
