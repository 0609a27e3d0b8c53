/**
 * @file json_build.h - builds JSON and remembers failures.
 *
 * It remembers that memory ran out, and reports that once, when it makes the
 * text: code that builds need not check each step. It takes values that are set
 * or added; a NULL value is a failure.
 */
#ifndef OUTPUT_JSON_BUILD_H
#define OUTPUT_JSON_BUILD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/strbuf.h"

/** Zero-initialise. */
struct json_build {
	bool failed;
	struct strbuf text; /* scratch */
};

void json_build_release(struct json_build *b);

#define _cleanup_json_build_ hs_cleanup(json_build_release)

static inline void cleanup_json(json_t **j)
{
	json_decref(*j);
}

#define _cleanup_json_ hs_cleanup(cleanup_json)

/** A string; escapes bytes that are not UTF-8. NULL is null. */
json_t *json_text(struct json_build *b, const char *s);

/** "0x1a2b" */
json_t *json_address(uint64_t address);

/** Negative, which in heap/ means unknown, becomes null. */
json_t *json_known(int64_t n);

void json_add(struct json_build *b, json_t *array, json_t *value);

void json_set(struct json_build *b, json_t *object, const char *key,
	      json_t *value);
void json_set_text(struct json_build *b, json_t *object, const char *key,
		   const char *s);
void json_set_integer(struct json_build *b, json_t *object, const char *key,
		      int64_t n);
void json_set_known(struct json_build *b, json_t *object, const char *key,
		    int64_t n);
void json_set_flag(struct json_build *b, json_t *object, const char *key,
		   bool flag);

/** Sets "schema", which defines the keys of @object. */
void json_set_schema(struct json_build *b, json_t *object);

/** Appends the text of @j; @flags as of json_dumps(). Out of memory when any
 *  part of it could not be built. */
struct hs_error *json_dump_to(struct strbuf *sb, const struct json_build *b,
			      const json_t *j, size_t flags) hs_must_check;

/** Writes the text of @j, the whole report, and a newline. */
struct hs_error *json_write_whole(FILE *f, const struct json_build *b,
				  const json_t *j, size_t flags) hs_must_check;

#endif
