/**
 * @file breakdown_json.h - where the memory is, for programs.
 */
#ifndef OUTPUT_BREAKDOWN_JSON_H
#define OUTPUT_BREAKDOWN_JSON_H

#include <jansson.h>

#include "heap/profile.h"

/** The value of "ledger": jemalloc's numbers as it tells them, "rss"; "parts",
 *  bytes that add up to it; "memory", what the mappings are used for. NULL when
 *  memory ran out. json_decref(). */
json_t *ledger_json(const struct heap_origin *o);

#endif
