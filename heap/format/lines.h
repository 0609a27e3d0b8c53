/**
 * @file lines.h - a dump, line by line.
 *
 * Internal to heap/. Whole lines are in memory, as many as fit a piece, so a
 * scan within a line may rely on its newline and need not look for an end:
 *
 *	while (heap_text_more(t) && *t->s == '@')
 *		... read the line, end with heap_text_end_line(t, at) ...
 */
#ifndef HEAP_FORMAT_LINES_H
#define HEAP_FORMAT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "heap/format/source.h"

struct heap_text {
	const char *s;	  /* where reading has come to: mostly a line's start */
	const char *end;  /* of the whole lines in memory, exclusive */
	const char *name; /* borrowed */
	size_t line;	  /* number of the line of s, from 1 */

	struct heap_source *source; /* borrowed */
	char *buf;		    /* owned */
	size_t len, cap;  /* of buf; what is behind end is part of a line */
	bool last;	  /* the source has no more */
	bool crlf;	  /* lines end in CR LF; it becomes LF in memory */
	const char *kept; /* what heap_text_keep() was given; NULL: nothing */
	size_t kept_len;
	struct hs_error *failed; /* owned: why there is no more */
};

/** Begins to read: the first piece is in buf[0..len) then, lines or not. @t is
 *  the caller's also after an error: heap_text_release(). */
struct hs_error *heap_text_open(struct heap_text *t, struct heap_source *source,
				const char *name) hs_must_check;

void heap_text_release(struct heap_text *t);

#define _cleanup_heap_text_ __attribute__((cleanup(heap_text_release)))

/** Gets more lines. @t must be at the end of those in memory. */
bool heap_text_fill(struct heap_text *t);

/** There is a line at t->s. Call only at the start of a line; false: the file
 *  ends here, or reading failed (heap_text_end() tells). */
static inline bool heap_text_more(struct heap_text *t)
{
	return t->s < t->end || heap_text_fill(t);
}

/** Why there are no more lines: NULL at the end of a whole file. */
struct hs_error *heap_text_end(struct heap_text *t) hs_must_check;

/** "NAME:LINE: what". */
struct hs_error *heap_text_error(const struct heap_text *t, const char *fmt,
				 ...) hs_printf(2, 3) hs_must_check;

/** "NAME:LINE: expected <what>", or that the file ends here instead. */
struct hs_error *heap_text_expected(struct heap_text *t,
				    const char *what) hs_must_check;

/** Steps over @word at *s, which is within a line; false: something else is
 *  there. */
static inline bool heap_text_skip(const char **s, const char *word)
{
	const size_t len = strlen(word);

	/* No word has a newline, so this ends with the line. */
	if (strncmp(*s, word, len))
		return false;
	*s += len;
	return true;
}

/** Steps over spaces and tabs. */
void heap_text_skip_blank(const char **s);

/** Steps over decimal digits; false: there are none, or too many for *ret. */
bool heap_text_number(const char **s, uint64_t *ret);

/** The same for "0x55644fabe6cf". */
bool heap_text_address(const char **s, uint64_t *ret);

/** Goes to the next line if @at is the end of this one. */
bool heap_text_end_line(struct heap_text *t, const char *at);

/** Goes to the next line; the length of this one, without its newline. */
size_t heap_text_next_line(struct heap_text *t);

/** Keeps @from[0..len), which is in memory, for heap_text_repeats(). */
void heap_text_keep(struct heap_text *t, const char *from, size_t len);

/** How many bytes at @at, which is behind what was kept last, are the same as
 *  those: 0 when they are no longer in memory. */
size_t heap_text_repeats(const struct heap_text *t, const char *at);

/** The line is @want and nothing else. */
bool heap_text_is_line(const struct heap_text *t, const char *want);

#endif
