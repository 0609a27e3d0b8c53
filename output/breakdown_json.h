/**
 * @file breakdown_json.h - the memory breakdown as JSON.
 */
#ifndef OUTPUT_BREAKDOWN_JSON_H
#define OUTPUT_BREAKDOWN_JSON_H

#include "heap/profile.h"
#include "output/json_build.h"

/** The value of "ledger": jemalloc's own numbers, "rss"; "parts", bytes that
 * add up to it; "memory", the use of the mappings. */
json_t *breakdown_json(struct json_build *b, const struct heap_meta *o);

#endif
