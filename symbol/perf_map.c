#include "symbol/perf_map.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/search.h"

enum {
	BLOCK = 1 << 18,
	NAME_MAX_LENGTH = 4096, /* longer ones are cut */
};

struct line {
	uint64_t start, end;
	const char *name;
	size_t name_len;
};

void perf_names_release(struct perf_name *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free((void *)(uintptr_t)names[i].name);
		names[i].name = NULL;
	}
}

/* Takes a hexadecimal number and the blank behind it. */
static bool take_hex(const char **s, size_t *len, uint64_t *ret)
{
	const char *blank = memchr(*s, ' ', *len);
	size_t n = blank ? (size_t)(blank - *s) : 0;
	const size_t skip = n > 2 && !memcmp(*s, "0x", 2) ? 2 : 0;

	if (!blank || !parse_hex(*s + skip, n - skip, ret))
		return false;
	*s = blank + 1;
	*len -= n + 1;
	return true;
}

static bool parse_line(const char *s, size_t len, struct line *ret)
{
	uint64_t size;

	if (len && s[len - 1] == '\r')
		len--;
	if (!take_hex(&s, &len, &ret->start) || !take_hex(&s, &len, &size) ||
	    !size || __builtin_add_overflow(ret->start, size, &ret->end) ||
	    !len || memchr(s, '\0', len))
		return false;
	ret->name = s;
	ret->name_len = len < NAME_MAX_LENGTH ? len : NAME_MAX_LENGTH;
	return true;
}

static void forget(struct perf_name *name)
{
	perf_names_release(name, 1);
}

/* Pieces of code that are in use do not overlap: those that reach into the
 * line's from either side are next to it. */
static struct hs_error *apply_line(struct perf_name *names, size_t n,
				   const struct line *line)
{
	const size_t first =
		search_sorted(n, k, names[k].address < line->start);
	size_t i;

	for (i = first; i-- > 0 && names[i].name && names[i].end > line->start;)
		forget(&names[i]);
	for (i = first; i < n && names[i].address < line->end; i++) {
		forget(&names[i]);
		names[i].name = strndup(line->name, line->name_len);
		if (!names[i].name)
			return hs_error_nomem();
		names[i].start = line->start;
		names[i].end = line->end;
	}
	for (; i < n && names[i].name && names[i].start < line->end; i++)
		forget(&names[i]);
	return NULL;
}

/* The whole lines of @text[0..len); *used: their bytes. */
static struct hs_error *apply_lines(struct perf_name *names, size_t n,
				    const char *text, size_t len, size_t *used)
{
	const char *end = text + len, *newline;
	struct hs_error *err = NULL;
	struct line line;

	*used = 0;
	while (!err && (newline = memchr(text + *used, '\n',
					 (size_t)(end - text) - *used))) {
		const char *start = text + *used;

		if (parse_line(start, (size_t)(newline - start), &line))
			err = apply_line(names, n, &line);
		*used = (size_t)(newline - text) + 1;
	}
	return err;
}

/* More bytes behind the @*len that @block has; false at the end. */
static struct hs_error *read_more(int fd, const char *file, uint64_t *at,
				  char *block, size_t *len, bool *more)
{
	ssize_t n;

	do
		n = pread(fd, block + *len, BLOCK - *len, (off_t)*at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return hs_error_sys(HS_ERROR_INPUT, errno, "cannot read '%s'",
				    file);
	*at += (uint64_t)n;
	*len += (size_t)n;
	*more = n > 0;
	if (*at > PERF_MAP_SIZE_MAX)
		return hs_error_new(HS_ERROR_INPUT,
				    "'%s' is too large: more than 256 MiB",
				    file);
	return NULL;
}

struct hs_error *perf_map_read(int fd, const char *file,
			       struct perf_name *names, size_t n)
{
	_cleanup_free_ char *block = malloc(BLOCK);
	struct hs_error *err = NULL;
	size_t len = 0, used = 0;
	bool more = true;
	uint64_t at = 0;

	if (!block)
		return hs_error_nomem();
	while (more && !err) {
		err = read_more(fd, file, &at, block, &len, &more);
		if (!err)
			err = apply_lines(names, n, block, len, &used);
		/* A line that fills the whole block is none. */
		if (len == BLOCK && !used)
			used = len;
		len -= used;
		memmove(block, block + used, len);
	}
	return err;
}
