/**
 * @file breakdown_json.h - where the memory is, for programs.
 */
#ifndef OUTPUT_BREAKDOWN_JSON_H
#define OUTPUT_BREAKDOWN_JSON_H

#include "heap/profile.h"
#include "output/json_build.h"

/** The value of "memory breakdown": jemalloc's numbers as it tells them, "rss";
 * "parts", bytes that add up to it; "memory", what the mappings are used
 * for. */
json_t *breakdown_json(struct json_build *b, const struct heap_meta *o);

#endif
