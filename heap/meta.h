/**
 * @file meta.h - the table of struct heap_meta's fields and their keys in
 * snapshot files.
 *
 * Internal to heap/: writer and reader share one table, so that neither can
 * miss a field.
 */
#ifndef HEAP_META_H
#define HEAP_META_H

#include <stdbool.h>
#include <stddef.h>

#include "heap/profile.h"

enum heap_meta_kind {
	HEAP_META_TEXT,	  /* const char *, NULL: unknown */
	HEAP_META_NUMBER, /* int64_t, -1: unknown */
	HEAP_META_TICKS,  /* uint64_t, 0: unknown */
	HEAP_META_FLAG,	  /* int, 0 or 1, -1: unknown */
};

struct heap_meta_field {
	const char *key;
	const char *old_key; /* in older files; NULL: the same */
	enum heap_meta_kind kind;
	size_t offset; /* in struct heap_meta */
};

enum { HEAP_META_FIELDS = 55 };

/** jemalloc is 5.3.1 or later; false when its version is not known. */
bool heap_meta_is_recent(const struct heap_meta *meta);

extern const struct heap_meta_field heap_meta_fields[HEAP_META_FIELDS];

#endif
