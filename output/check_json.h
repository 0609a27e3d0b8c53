/**
 * @file check_json.h - the result of `heapsnap check' as JSON: kind "check" of
 * the schema "heapsnap/1".
 */
#ifndef OUTPUT_CHECK_JSON_H
#define OUTPUT_CHECK_JSON_H

#include <stdio.h>

#include "base/error.h"
#include "heap/check_report.h"

/** An error of @f is HS_ERROR_SYSTEM with its errno. */
struct hs_error *check_json_write(FILE *f,
				  const struct check_report *r) hs_must_check;

#endif
