#include "heap/dump_name.h"

#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/words.h"

/* Takes what is behind the last dot. */
static bool take_last(struct word *name, struct word *ret)
{
	const char *dot = name->len ? memrchr(name->s, '.', name->len) : NULL;

	if (!dot)
		return false;
	*ret = (struct word){ dot + 1,
			      (size_t)(name->s + name->len - dot - 1) };
	name->len = (size_t)(dot - name->s);
	return true;
}

static bool take_number(struct word *name, uint64_t *ret)
{
	struct word w, rest = *name;

	if (!take_last(&rest, &w) || !parse_u64(w.s, w.len, ret))
		return false;
	*name = rest;
	return true;
}

/* "f", "i3" */
static bool is_kind(struct word w)
{
	uint64_t number;

	if (word_is(w, "f"))
		return true;
	return w.len > 1 && strchr("imu", w.s[0]) &&
	       parse_u64(w.s + 1, w.len - 1, &number);
}

static bool parse_jemalloc(struct word *name, uint64_t *sequence)
{
	struct word kind, process;
	uint64_t pid;

	if (!take_last(name, &kind) || !is_kind(kind) ||
	    !take_number(name, sequence))
		return false;
	process = *name;
	return take_number(&process, &pid);
}

static bool parse_gperftools(struct word *name, uint64_t *sequence)
{
	const size_t len = name->len;

	return take_number(name, sequence) &&
	       len - name->len == sizeof(".0001") - 1;
}

/* "20261123T060417.123Z" as the number 20261123060417123 */
static bool parse_own(struct word *name, uint64_t *sequence)
{
	struct word ms, time;
	char digits[8 + 6 + 3];

	if (!words_step_over(&(struct word){ name->s, name->len },
			     "heapsnap.") ||
	    !take_last(name, &ms) || !take_last(name, &time) || ms.len != 4 ||
	    ms.s[3] != 'Z' || time.len != 8 + 1 + 6 || time.s[8] != 'T')
		return false;
	memcpy(digits, time.s, 8);
	memcpy(digits + 8, time.s + 9, 6);
	memcpy(digits + 14, ms.s, 3);
	return parse_u64(digits, sizeof(digits), sequence);
}

static void cut_ending(struct word *name, const char *ending)
{
	const size_t n = strlen(ending);

	if (name->len > n && !memcmp(name->s + name->len - n, ending, n))
		name->len -= n;
}

bool dump_name_parse(const char *path, struct dump_name *ret)
{
	static bool (*const parsers[])(struct word * name,
				       uint64_t * sequence) = {
		parse_own, parse_jemalloc, parse_gperftools
	};
	const char *base = str_base_name(path);
	struct word whole = { base, strlen(base) }, name, ending;
	size_t i;

	cut_ending(&whole, ".gz");
	cut_ending(&whole, ".zst");
	if (!take_last(&whole, &ending) || !word_is(ending, "heap"))
		return false;
	for (i = 0; i < ARRAY_SIZE(parsers); i++) {
		name = whole;
		if (!parsers[i](&name, &ret->sequence) || !name.len)
			continue;
		ret->path = path;
		ret->base = (size_t)(base - path);
		ret->end = ret->base + name.len;
		return true;
	}
	return false;
}

bool dump_name_same_process(const struct dump_name *a,
			    const struct dump_name *b)
{
	const size_t len = a->end - a->base;

	return len == b->end - b->base &&
	       !memcmp(a->path + a->base, b->path + b->base, len);
}
