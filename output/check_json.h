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

/** The same of the processes @reports[0..n), as one object; @exit_status is
 * that of all. */
struct hs_error *
check_json_write_several(FILE *f, const struct check_report *const *reports,
			 size_t n, int exit_status) hs_must_check;

#endif
