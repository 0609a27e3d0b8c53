#include "heap/suppressions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/strbuf.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Parses one line without its newline. */
static struct hs_error *parse_line(struct heap_suppressions *s, const char *at,
				   const char *end, const char *name,
				   size_t line)
{
	static const char key[] = "leak:";
	const size_t n = sizeof(key) - 1;

	while (at < end && is_blank(*at))
		at++;
	while (at < end && is_blank(end[-1]))
		end--;
	if (at == end || *at == '#')
		return NULL;
	if ((size_t)(end - at) <= n || memcmp(at, key, n) ||
	    memchr(at, '\0', (size_t)(end - at)))
		return hs_error_new(HS_ERROR_INPUT,
				    "%s:%zu: expected 'leak:PATTERN'", name,
				    line);
	if (!ARRAY_GROW(s->patterns, s->cap, s->n + 1))
		return hs_error_nomem();
	return intern_string(&s->strings, at + n, (size_t)(end - at) - n,
			     &s->patterns[s->n++]);
}

struct hs_error *heap_suppressions_parse(struct heap_suppressions *s,
					 const char *text, size_t len,
					 const char *name)
{
	const char *end = text + len, *stop;
	struct hs_error *err = NULL;
	size_t line;

	for (line = 1; !err && text < end; line++, text = stop + 1) {
		stop = memchr(text, '\n', (size_t)(end - text));
		if (!stop)
			stop = end;
		err = parse_line(s, text, stop, name, line);
		if (stop == end)
			break;
	}
	return err;
}

struct hs_error *heap_suppressions_read(struct heap_suppressions *s,
					const char *path)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct hs_error *err;
	int errnum;

	if (fd < 0)
		return hs_error_sys(HS_ERROR_INPUT, errno, "cannot open '%s'",
				    path);
	errnum = io_read(fd, &text);
	if (errnum)
		return hs_error_sys(HS_ERROR_INPUT, errnum, "cannot read '%s'",
				    path);
	err = strbuf_check(&text);
	return err ? err
		   : heap_suppressions_parse(s, strbuf_str(&text), text.len,
					     path);
}

void heap_suppressions_release(struct heap_suppressions *s)
{
	free(s->patterns);
	intern_release(&s->strings);
	*s = (struct heap_suppressions){ 0 };
}

/* On a mismatch only the last "*" is extended: each earlier one matched as
 * little as possible, which leaves the most to the later ones. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	if (*pattern == '^') {
		pattern++;
	} else {
		star = pattern;
		retry = text;
	}
	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
		} else if (!*pattern ||
			   (*pattern == '$' && !pattern[1] && !*text)) {
			return true;
		} else if (*text && *pattern == *text) {
			pattern++;
			text++;
		} else if (star && *retry) {
			pattern = star;
			text = ++retry;
		} else {
			return false;
		}
	}
}

bool heap_suppressions_match(const struct heap_suppressions *s,
			     const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (matches(s->patterns[i], name))
			return true;
	return false;
}
