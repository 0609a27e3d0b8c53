/**
 * @file lines.h - reads a dump line by line.
 *
 * Internal to heap/. Whole lines are in memory, as many as fit a piece, so a
 * scan within a line may rely on its newline and need not check for an end:
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

/** Lines that were passed over. Zero-initialised: none. */
struct heap_passed {
	size_t n;
	size_t first; /* number of the first one */
};

static inline void heap_passed_add(struct heap_passed *p, size_t line)
{
	if (!p->n++)
		p->first = line;
}

/** Bytes that can be read from anywhere in a line on: those behind the last
 * line mean nothing. */
enum { HEAP_TEXT_AHEAD = 16 };

struct heap_text {
	const char *s;	  /* the read position: mostly a line's start */
	const char *end;  /* end of the whole lines in memory, exclusive */
	const char *name; /* borrowed */
	size_t line;	  /* number of the line of s, from 1 */

	struct heap_source *source; /* borrowed */
	char *buf;		    /* owned */
	size_t len, cap;	    /* of buf; after end comes part of a line */
	uint64_t size;		    /* bytes read so far */
	bool last;		    /* the source has ended */
	bool cut;		    /* it has, and within a line: failed */
	/* jemalloc's own messages, which were taken out of the lines. */
	struct heap_passed messages;
	size_t uncounted; /* of their lines, those that line is to count yet */
	const char *earlier; /* from heap_text_keep(); NULL: none */
	size_t earlier_len;
	struct hs_error *failed; /* owned: why reading has stopped */
};

/** Begins to read: buf[0..len) then has the first piece, lines or not. @t is
 *  the caller's also after an error: heap_text_release(). */
struct hs_error *heap_text_open(struct heap_text *t, struct heap_source *source,
				const char *name) hs_must_check;

void heap_text_release(struct heap_text *t);

#define _cleanup_heap_text_ __attribute__((cleanup(heap_text_release)))

/** Reads more lines. @t must be at the end of those in memory. */
bool heap_text_fill(struct heap_text *t);

/** There is a line at t->s. Call only at the start of a line; false: the file
 *  ends here, or reading failed (see heap_text_end()). */
static inline bool heap_text_more(struct heap_text *t)
{
	return t->s < t->end || heap_text_fill(t);
}

/** heap_text_data() for any line. */
bool heap_text_seek(struct heap_text *t);

/** Moves over blank lines and comments, but not over our own lines
 *  ("# heapsnap"), and calls heap_text_more(). A comment that the file ends
 *  within is whole enough. */
static inline bool heap_text_data(struct heap_text *t)
{
	/* Most lines of a dump. */
	if (t->s < t->end &&
	    (*t->s == '@' ||
	     (t->s[0] == ' ' && t->s[1] == ' ' && t->s[2] == 't')))
		return true;
	return heap_text_seek(t);
}

/** The line at t->s is one of our own: "# heapsnap". */
bool heap_text_is_ours(const struct heap_text *t);

/** The file ends within a line, *text[0..*len), which is valid as long as @t
 * and none of our own: that is no error any more. false: it does not, or
 * something else failed. */
bool heap_text_take_cut(struct heap_text *t, const char **text, size_t *len);

/** The error that stopped reading; NULL at the end of a whole file. */
struct hs_error *heap_text_end(struct heap_text *t) hs_must_check;

/** An error "NAME:LINE: what". */
struct hs_error *heap_text_error(const struct heap_text *t, const char *fmt,
				 ...) hs_printf(2, 3) hs_must_check;

/** An error "NAME:LINE: expected <what>", or that the file ends here
 *  instead. */
struct hs_error *heap_text_expected(struct heap_text *t,
				    const char *what) hs_must_check;

/** Skips @word at *s, which is within a line; false: other text is there. */
static inline bool heap_text_skip(const char **s, const char *word)
{
	const size_t len = strlen(word);

	/* No word has a newline, so this ends with the line. */
	if (strncmp(*s, word, len))
		return false;
	*s += len;
	return true;
}

/** Skips spaces and tabs. */
static inline void heap_text_skip_blank(const char **s)
{
	while (**s == ' ' || **s == '\t')
		(*s)++;
}

/** Skips @mark and the blanks around it; false: other text is there. */
static inline bool heap_text_mark(const char **s, char mark)
{
	if (**s != mark)
		heap_text_skip_blank(s);
	if (**s != mark)
		return false;
	/* Mostly one blank, or none. */
	(*s)++;
	*s += **s == ' ';
	if (**s <= ' ')
		heap_text_skip_blank(s);
	return true;
}

/** Parses decimal digits; false: there are none, or too many for *ret. */
bool heap_text_number(const char **s, uint64_t *ret);

/** The same for "0x55644fabe6cf". */
bool heap_text_address(const char **s, uint64_t *ret);

/** Moves to the next line if only blanks are between @at and the end of this
 *  one. */
bool heap_text_end_line(struct heap_text *t, const char *at);

/** Moves to the next line; returns the length of this one without newline. */
size_t heap_text_next_line(struct heap_text *t);

/** Remembers @from[0..len), which is in memory, for heap_text_repeats(). */
void heap_text_keep(struct heap_text *t, const char *from, size_t len);

/** How many bytes at @at equal those that heap_text_keep() remembered last,
 *  which are before @at: 0 when they are no longer in memory. */
size_t heap_text_repeats(const struct heap_text *t, const char *at);

/** The line is @want, but for blanks around it. */
bool heap_text_is_line(const struct heap_text *t, const char *want);

#endif
