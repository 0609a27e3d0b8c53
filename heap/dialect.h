/**
 * @file dialect.h - the dialects of heap dumps, one function each.
 *
 * Internal to heap/. A dialect reads the header and the stacks; what comes
 * behind them is the same for all and read by heap/read.c.
 */
#ifndef HEAP_DIALECT_H
#define HEAP_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "heap/builder.h"

/**
 * Where reading has come to. The text is empty or ends in a newline, and has
 * no carriage returns at the ends of lines: a scan within a line may rely on
 * the newline and need not look at @end.
 */
struct heap_text {
	const char *s;	 /* mostly the start of a line */
	const char *end; /* exclusive */
	const char *name;
	size_t line; /* number of the line of s, from 1 */
};

/** "NAME:LINE: what". */
struct hs_error *heap_text_error(const struct heap_text *t, const char *fmt,
				 ...) hs_printf(2, 3) hs_must_check;

/** "NAME:LINE: expected <what>", or that the file ends here instead. */
struct hs_error *heap_text_expected(const struct heap_text *t,
				    const char *what) hs_must_check;

/** Steps over @word at *s, which is within a line; false: something else is
 *  there. */
bool heap_text_skip(const char **s, const char *word);

/** Reads from the first line of @t up to the first line that belongs to no
 *  stack; closes all stacks in @b and sets its profile's sample_period. */
typedef struct hs_error *heap_dialect(struct heap_text *t,
				      struct heap_builder *b);

/** jemalloc 4.0 to 5.3: "heap_v2/524288". */
struct hs_error *heap_read_v2(struct heap_text *t,
			      struct heap_builder *b) hs_must_check;

/** The dialect of the file that begins with @text[0..len), of which a hundred
 *  bytes are enough. For what is no heap dump, an error that says what it
 *  seems to be. */
struct hs_error *heap_dialect_find(const char *text, size_t len,
				   const char *name,
				   heap_dialect **ret) hs_must_check;

#endif
