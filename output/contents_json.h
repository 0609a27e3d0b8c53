/**
 * @file contents_json.h - what is in a heap as JSON: kind "inspect" of the
 * schema "heapsnap/1".
 */
#ifndef OUTPUT_CONTENTS_JSON_H
#define OUTPUT_CONTENTS_JSON_H

#include <stdio.h>

#include "base/error.h"
#include "heap/contents.h"

/** An error of @f is HS_ERROR_SYSTEM with its errno. */
struct hs_error *
contents_json_write(FILE *f, const struct heap_contents *c) hs_must_check;

#endif
