/**
 * @file diagnosis_json.h - what the text report says in sentences, for programs.
 */
#ifndef OUTPUT_DIAGNOSIS_JSON_H
#define OUTPUT_DIAGNOSIS_JSON_H

#include <jansson.h>

#include "heap/profile.h"

/** The value of "diagnosis": the sentence on one line; null when there are no
 *  numbers. @before may be NULL: one reading. NULL when memory ran out.
 *  json_decref(). */
json_t *diagnosis_json(const struct heap_origin *before,
		       const struct heap_origin *after);

/** The value of "hints": an array, mostly empty. As above. */
json_t *hints_json(const struct heap_profile *p);

#endif
