/**
 * @file suppressions.h - patterns of known growth, which reports leave out.
 *
 * The format of LeakSanitizer: one "leak:PATTERN" a line; "#" begins a comment,
 * blank lines do not count. A pattern matches anywhere in the function, file or
 * module of any frame; "*" matches any text, "^" and "$" the start and the end
 * of the name.
 * (https://github.com/google/sanitizers/wiki/AddressSanitizerLeakSanitizer)
 */
#ifndef HEAP_SUPPRESSIONS_H
#define HEAP_SUPPRESSIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/intern.h"

struct heap_suppressions {
	const char **patterns; /* owned array; of strings */
	size_t n, cap;
	struct intern strings;
};

/** Adds the patterns of @text[0..len), the content of file @name. *s is zero or
 *  has patterns already. */
struct hs_error *heap_suppressions_parse(struct heap_suppressions *s,
					 const char *text, size_t len,
					 const char *name) hs_must_check;

/** The same for the file @path. */
struct hs_error *heap_suppressions_read(struct heap_suppressions *s,
					const char *path) hs_must_check;

void heap_suppressions_release(struct heap_suppressions *s);

/** A pattern matches @name, of a function, file or module. */
bool heap_suppressions_match(const struct heap_suppressions *s,
			     const char *name);

#endif
