/**
 * @file meta_json.h - where a snapshot comes from, and what taking it cost,
 * for programs.
 */
#ifndef OUTPUT_META_JSON_H
#define OUTPUT_META_JSON_H

#include "heap/profile.h"
#include "output/json_build.h"

/** Sets the file, the process, the time and its jemalloc. */
void meta_json_set(struct json_build *b, json_t *object,
		   const struct heap_meta *o);

/** The value of "capture": on which thread, how long it stood still. */
json_t *capture_json(struct json_build *b, const struct heap_meta *o);

#endif
