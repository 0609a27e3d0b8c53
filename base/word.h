/**
 * @file word.h - the words of a line.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** A part of a text, which is borrowed and need not end in NUL. */
struct word {
	const char *s;
	size_t len;
};

static inline bool word_is(struct word w, const char *s)
{
	return w.len == strlen(s) && memcmp(w.s, s, w.len) == 0;
}

/** Blanks are spaces and tabs. */
static inline bool word_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline void word_skip_blanks(struct word *rest)
{
	while (rest->len && word_blank(*rest->s)) {
		rest->s++;
		rest->len--;
	}
}

/** Takes the first word of @rest from it, with the blanks on both sides: what
 *  is left is empty behind the last word. An empty word: there was none. */
static inline struct word word_take(struct word *rest)
{
	struct word w;

	word_skip_blanks(rest);
	w = (struct word){ rest->s, 0 };
	while (w.len < rest->len && !word_blank(w.s[w.len]))
		w.len++;
	rest->s += w.len;
	rest->len -= w.len;
	word_skip_blanks(rest);
	return w;
}

#endif
