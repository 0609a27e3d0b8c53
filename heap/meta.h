/**
 * @file meta.h - the fields of struct heap_origin, as snapshot files name
 * them.
 *
 * Internal to heap/: writing and reading go through one table, so that neither
 * can forget a field.
 */
#ifndef HEAP_META_H
#define HEAP_META_H

#include <stddef.h>

#include "heap/profile.h"

enum heap_origin_kind {
	HEAP_ORIGIN_TEXT,   /* const char *, NULL: unknown */
	HEAP_ORIGIN_NUMBER, /* int64_t, -1: unknown */
	HEAP_ORIGIN_TICKS,  /* uint64_t, 0: unknown */
	HEAP_ORIGIN_FLAG,   /* int, 0 or 1, -1: unknown */
};

struct heap_origin_field {
	const char *key;
	enum heap_origin_kind kind;
	size_t offset; /* in struct heap_origin */
};

enum { HEAP_ORIGIN_FIELDS = 26 };

extern const struct heap_origin_field heap_origin_fields[HEAP_ORIGIN_FIELDS];

#endif
