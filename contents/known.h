/**
 * @file known.h - what words were found to be, so that each is looked at once.
 */
#ifndef CONTENTS_KNOWN_H
#define CONTENTS_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash_index.h"
#include "base/intern.h"
#include "contents/surroundings.h"
#include "heap/contents.h"

/** Appends the name of @word to @name; false: it has none of this kind. */
typedef bool known_find_fn(const struct surroundings *around, uint64_t word,
			   struct strbuf *name);

/** Zero-initialised but for around, which is borrowed. */
struct known {
	const struct surroundings *around;
	struct known_word *items; /* owned */
	size_t n, cap;
	struct hash_index index; /* of items */
	struct intern names;
	bool failed; /* memory ran out */
};

void known_release(struct known *k);

/** Appends the name of @word to @name, which @find gives the first time. False:
 *  it is nothing of @kind. Without memory it is nothing, and k->failed. */
bool known_name(struct known *k, enum contents_kind kind, uint64_t word,
		known_find_fn *find, struct strbuf *name);

#endif
