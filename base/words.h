/**
 * @file words.h - cuts a text into lines and words, in place.
 *
 * A struct word is a part of a text that the caller owns. The functions take
 * from the front of *rest, which is what remains:
 *
 *	struct word rest = { text, len }, line;
 *
 *	while (words_line(&rest, &line))
 *		... words_next(&line) ...
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct word {
	const char *s; /* borrowed */
	size_t len;
};

/** Takes a line; *line is without its newline. False when no newline is left:
 *  *rest is empty, or a line that was cut off. */
bool words_line(struct word *rest, struct word *line);

/** Takes a word and the blanks (spaces, tabs) around it. It is empty when
 *  nothing but blanks is left. */
struct word words_next(struct word *rest);

/** Steps over blanks. */
void words_skip_blanks(struct word *rest);

/** Takes what is before the first @separator, which remains, or all. */
struct word words_until(struct word *rest, char separator);

/** Steps over @n bytes, or as many as there are. */
void words_step(struct word *rest, size_t n);

/** Steps over @text; false: *rest begins with something else. */
bool words_step_over(struct word *rest, const char *text);

/** The number behind @key in the line of @text that begins with it and a
 *  space: of "CommitLimit:" in /proc/meminfo, or of "inactive_file" in a
 * control group's memory.stat. 0: there is no such line. */
uint64_t words_number(const char *text, const char *key);

/** @w is @text, whole. */
bool word_is(struct word w, const char *text);

#endif
