/**
 * @file intern.h - string interning: one copy of each string.
 */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_index.h"

/**
 * Interned strings: equal strings are one pointer, valid until
 * intern_release(), and one number. Zero-initialised is an empty table.
 */
struct intern {
	const char **items; /* owned array, in the order of interning */
	size_t n, cap;
	struct hash_index index; /* of items, by their content */
	void *chunks;		 /* owned list of memory for the strings */
	size_t chunk_left;
};

/** The one copy of @s[0..len): *ret is NUL-terminated, owned by @table. @s must
 *  not contain NUL bytes. */
struct hs_error *intern_string(struct intern *table, const char *s, size_t len,
			       const char **ret) hs_must_check;

/** The same of all of @s; NULL is NULL. */
struct hs_error *intern_text(struct intern *table, const char *s,
			     const char **ret) hs_must_check;

/** *ret is the index of the copy of @s[0..len) in table->items; indices are
 *  given from 0 on. */
struct hs_error *intern_number(struct intern *table, const char *s, size_t len,
			       uint32_t *ret) hs_must_check;

/** Makes room in the index for @n strings at once: while it grows there are two
 *  of them. */
struct hs_error *intern_reserve(struct intern *table, size_t n) hs_must_check;

/** No string will be looked for any more: frees the index. */
void intern_finish(struct intern *table);

void intern_release(struct intern *table);

#define _cleanup_intern_ __attribute__((cleanup(intern_release)))

#endif
