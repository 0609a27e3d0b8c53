/**
 * @file diagnosis_json.h - the diagnosis and the hints as JSON.
 */
#ifndef OUTPUT_DIAGNOSIS_JSON_H
#define OUTPUT_DIAGNOSIS_JSON_H

#include "heap/profile.h"
#include "output/json_build.h"
#include "output/rows.h"

/** The value of "diagnosis": the sentence on one line; null when there are no
 *  numbers. @before may be NULL: one reading. @live_fell: bytes, by which live
 *  allocations shrank in between. */
json_t *diagnosis_json(struct json_build *b, const struct heap_meta *before,
		       const struct heap_meta *after, int64_t live_fell);

/** The value of "hints": an array, usually empty. */
json_t *hints_json(struct json_build *b, const struct rows *rows);

#endif
