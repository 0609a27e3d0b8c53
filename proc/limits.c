#include "proc/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/words.h"
#include "proc/proc_path.h"
#include "proc/proc_text.h"

static bool parse_value(struct word w, uint64_t *ret)
{
	if (!word_is(w, "unlimited"))
		return parse_u64(w.s, w.len, ret);
	*ret = LIMITS_NONE;
	return true;
}

/* "  unlimited   unlimited   bytes   ": the soft limit, the hard one, the
 * unit. */
static bool parse_row(struct word row, const char *unit, uint64_t *ret)
{
	uint64_t hard;

	return parse_value(words_next(&row), ret) &&
	       parse_value(words_next(&row), &hard) && *ret <= hard &&
	       word_is(words_next(&row), unit) && !row.len;
}

static const struct {
	const char *key;
	size_t offset; /* in struct limits */
	const char *unit;
} rows[] = {
	{ "Max file size ", offsetof(struct limits, file_size), "bytes" },
	{ "Max address space ", offsetof(struct limits, address_space),
	  "bytes" },
	{ "Max data size ", offsetof(struct limits, data), "bytes" },
	{ "Max locked memory ", offsetof(struct limits, locked), "bytes" },
	{ "Max processes ", offsetof(struct limits, processes), "processes" },
};

/* The row that *line begins with; steps over its key. ARRAY_SIZE(rows):
 * none. */
static size_t find_row(struct word *line)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(rows) && !words_step_over(line, rows[i].key))
		i++;
	return i;
}

struct hs_error *limits_parse(const char *text, size_t len, const char *name,
			      struct limits *ret)
{
	struct word rest = { text, len }, line;
	bool seen[ARRAY_SIZE(rows)] = { false };
	size_t number = 0, i;

	while (words_line(&rest, &line)) {
		number++;
		i = find_row(&line);
		if (i == ARRAY_SIZE(rows))
			continue;
		if (!parse_row(line, rows[i].unit,
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
	_cleanup_proc_text_ struct proc_text t;
	struct hs_error *err = proc_text_read(proc_path(pid, "limits"), &t);

	return err ? err : limits_parse(t.s, t.len, t.path.text, ret);
}
