#include "base/words.h"

#include <string.h>

#include "base/parse.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void words_skip_blanks(struct word *rest)
{
	while (rest->len && is_blank(*rest->s))
		words_step(rest, 1);
}

bool words_line(struct word *rest, struct word *line)
{
	struct word after = *rest;

	*line = words_until(&after, '\n');
	if (!after.len)
		return false;
	words_step(&after, 1);
	*rest = after;
	return true;
}

struct word words_next(struct word *rest)
{
	struct word word;

	words_skip_blanks(rest);
	word = (struct word){ rest->s, 0 };
	while (word.len < rest->len && !is_blank(rest->s[word.len]))
		word.len++;
	words_step(rest, word.len);
	words_skip_blanks(rest);
	return word;
}

struct word words_until(struct word *rest, char separator)
{
	const char *end = rest->len ? memchr(rest->s, separator, rest->len)
				    : NULL;
	struct word before = { rest->s,
			       end ? (size_t)(end - rest->s) : rest->len };

	words_step(rest, before.len);
	return before;
}

void words_step(struct word *rest, size_t n)
{
	if (n > rest->len)
		n = rest->len;
	if (!n)
		return; /* of nothing, which may be at NULL */
	rest->s += n;
	rest->len -= n;
}

bool words_step_over(struct word *rest, const char *text)
{
	size_t len = strlen(text);

	if (rest->len < len || memcmp(rest->s, text, len) != 0)
		return false;
	words_step(rest, len);
	return true;
}

uint64_t words_number(const char *text, const char *key)
{
	size_t n = strlen(key);
	uint64_t value;

	while (*text && (strncmp(text, key, n) || text[n] != ' ')) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (!*text)
		return 0;
	text += n + strspn(text + n, " ");
	return parse_u64(text, strcspn(text, " \n"), &value) ? value : 0;
}

bool word_is(struct word w, const char *text)
{
	return words_step_over(&w, text) && !w.len;
}
