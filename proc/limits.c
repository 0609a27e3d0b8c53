#include "proc/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/word.h"
#include "proc/file.h"

static bool parse_value(struct word w, uint64_t *ret)
{
	if (!word_is(w, "unlimited"))
		return parse_u64(w.s, w.len, ret);
	*ret = LIMITS_NONE;
	return true;
}

/* "  unlimited   unlimited   bytes   ": the soft limit, the hard one, the
 * unit. */
static bool parse_row(struct word row, uint64_t *ret)
{
	uint64_t hard;

	return parse_value(word_take(&row), ret) &&
	       parse_value(word_take(&row), &hard) && *ret <= hard &&
	       word_is(word_take(&row), "bytes") && !row.len;
}

static const struct {
	const char *key;
	size_t offset; /* in struct limits */
} rows[] = {
	{ "Max file size ", offsetof(struct limits, file_size) },
	{ "Max address space ", offsetof(struct limits, address_space) },
	{ "Max data size ", offsetof(struct limits, data) },
	{ "Max locked memory ", offsetof(struct limits, locked) },
};

/* The row of the line @text[0..len); ARRAY_SIZE(rows): another line. */
static size_t find_row(const char *text, size_t len)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(rows) &&
	       (len < strlen(rows[i].key) ||
		memcmp(text, rows[i].key, strlen(rows[i].key)) != 0))
		i++;
	return i;
}

struct hs_error *limits_parse(const char *text, size_t len, const char *name,
			      struct limits *ret)
{
	const char *end = text + len, *line, *nl, *row;
	bool seen[ARRAY_SIZE(rows)] = { false };
	size_t number = 1, i;

	for (line = text; line < end; line = nl + 1, number++) {
		nl = memchr(line, '\n', (size_t)(end - line));
		if (!nl)
			break;
		i = find_row(line, (size_t)(nl - line));
		if (i == ARRAY_SIZE(rows))
			continue;
		row = line + strlen(rows[i].key);
		if (!parse_row((struct word){ row, (size_t)(nl - row) },
			       (uint64_t *)((char *)ret + rows[i].offset)))
			return hs_error_new(HS_ERROR_INPUT,
					    "%s:%zu: not a limit", name,
					    number);
		seen[i] = true;
	}
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!seen[i])
			return hs_error_new(HS_ERROR_INPUT,
					    "%s: the line '%.*s' is missing",
					    name, (int)strlen(rows[i].key) - 1,
					    rows[i].key);
	}
	return NULL;
}

struct hs_error *limits_read(pid_t pid, struct limits *ret)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	char path[64];
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
	err = file_read_proc(path, &text, &len);
	return err ? err : limits_parse(text, len, path, ret);
}
