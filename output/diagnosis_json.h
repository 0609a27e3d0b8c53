/**
 * @file diagnosis_json.h - the diagnosis and the hints as JSON.
 */
#ifndef OUTPUT_DIAGNOSIS_JSON_H
#define OUTPUT_DIAGNOSIS_JSON_H

#include "heap/profile.h"
#include "output/json_build.h"

/** The value of "diagnosis": the sentence on one line; null when there are no
 *  numbers. @before may be NULL: one reading. */
json_t *diagnosis_json(struct json_build *b, const struct heap_meta *before,
		       const struct heap_meta *after);

/** The value of "hints": an array, usually empty. */
json_t *hints_json(struct json_build *b, const struct heap_profile *p);

#endif
