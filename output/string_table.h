/**
 * @file string_table.h - texts with numbers: equal ones have the same.
 */
#ifndef OUTPUT_STRING_TABLE_H
#define OUTPUT_STRING_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

/** Zero-initialised is an empty one. */
struct texts {
	const char **items; /* owned array; the strings are those of strings */
	size_t n, cap;
	uint32_t *slots; /* owned; index + 1, by the hash of the pointer */
	size_t n_slots;	 /* a power of two, or 0 */
	struct intern strings;
};

void texts_release(struct texts *t);

#define _cleanup_texts_ __attribute__((cleanup(texts_release)))

/** *ret is the index of @s[0..len), which has no NUL, in items; indices are
 *  given from 0 on. */
struct hs_error *texts_add(struct texts *t, const char *s, size_t len,
			   uint32_t *ret) hs_must_check;

#endif
