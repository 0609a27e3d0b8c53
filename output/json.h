/**
 * @file json.h - writes reports as JSON: schema "heapsnap/1".
 *
 * Integers are bytes and objects; "0x..." strings are addresses; unknown values
 * are null. Keys may be added within this schema, never changed.
 */
#ifndef OUTPUT_JSON_H
#define OUTPUT_JSON_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "output/rows.h"

/** Writes the report of @rows, kind "diff" or "report", to @f; of @top rows, 0:
 *  of all. An error of @f is HS_ERROR_SYSTEM with its errno. */
struct hs_error *json_write(FILE *f, const struct rows *rows,
			    size_t top) hs_must_check;

/** The same without its stacks, as a string: *ret is the caller's, free(3). */
struct hs_error *json_head(const struct rows *rows, char **ret) hs_must_check;

#endif
