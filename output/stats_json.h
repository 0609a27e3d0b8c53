/**
 * @file stats_json.h - memory statistics as JSON: kind "stats" of the schema
 * "heapsnap/1".
 */
#ifndef OUTPUT_STATS_JSON_H
#define OUTPUT_STATS_JSON_H

#include <stdio.h>

#include "base/error.h"
#include "heap/stats.h"

/** Writes "before" and "after", or "snapshot" when @before is NULL, to @f. An
 *  error of @f is HS_ERROR_SYSTEM with its errno. */
struct hs_error *stats_json_write(FILE *f, const struct heap_stats *before,
				  const struct heap_stats *after) hs_must_check;

#endif
