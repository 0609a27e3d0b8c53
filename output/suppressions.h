/**
 * @file suppressions.h - writes the rules that leave out what a report shows.
 */
#ifndef OUTPUT_SUPPRESSIONS_H
#define OUTPUT_SUPPRESSIONS_H

#include <stdio.h>

#include "base/error.h"
#include "output/rows.h"

/** Writes a line "leak:^FUNCTION$" (heap/suppressions.h) for each function that
 *  is responsible for a row, and before it, as a comment, what the row has. A
 *  row whose function has no name gets the comment alone. HS_ERROR_SYSTEM. */
struct hs_error *suppressions_write(FILE *f,
				    const struct rows *rows) hs_must_check;

#endif
