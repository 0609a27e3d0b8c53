/**
 * @file meta_json.h - a snapshot's metadata and the cost of taking it as JSON.
 */
#ifndef OUTPUT_META_JSON_H
#define OUTPUT_META_JSON_H

#include "heap/profile.h"
#include "output/json_build.h"

/** Sets the file, the process, the time and its jemalloc. */
void meta_json_set(struct json_build *b, json_t *object,
		   const struct heap_meta *o);

/** The value of "capture": on which thread, how long it was stopped. */
json_t *capture_json(struct json_build *b, const struct heap_meta *o);

#endif
