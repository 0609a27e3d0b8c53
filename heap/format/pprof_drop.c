#include "heap/format/pprof_drop.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "base/strbuf.h"

enum {
	MOST_TEXT = 1 << 12, /* bytes of an expression; pprof's own has 1,200 */
	MOST_GROUPS = 8,     /* one in another */
};

struct pprof_drop {
	regex_t drop, keep;
	bool has_drop, has_keep; /* are compiled */
};

void pprof_drop_destroy(struct pprof_drop *d)
{
	if (!d)
		return;
	if (d->has_drop)
		regfree(&d->drop);
	if (d->has_keep)
		regfree(&d->keep);
	free(d);
}

static void cleanup_drop(struct pprof_drop **d)
{
	pprof_drop_destroy(*d);
}

static bool is_repetition(char c)
{
	return c == '*' || c == '+' || c == '?';
}

/*
 * Of the file of a stranger no expression is taken whose compilation needs
 * memory beyond measure: with counts, or with groups in groups that come once
 * or more often, of each of which glibc makes two (posix/regcomp.c,
 * parse_dup_op()); nor one whose matching needs time, as references to what was
 * matched.
 */
static bool is_cheap(const char *text)
{
	char before = 0; /* 0: one that stands for itself */
	int groups = 0;

	if (strlen(text) > MOST_TEXT)
		return false;
	for (; *text; text++) {
		if (*text == '\\') {
			if (!*++text || !strchr(".[](){}*+?|^$\\", *text))
				return false;
			before = 0;
			continue;
		}
		groups += (*text == '(') - (*text == ')');
		if (*text == '{' || groups > MOST_GROUPS ||
		    (*text == '+' && before == ')') ||
		    (is_repetition(*text) && is_repetition(before)))
			return false;
		before = *text;
	}
	return true;
}

/* As an expression of regex(7), which is that of Go but for groups that are not
 * remembered. */
static bool add_expression(struct strbuf *sb, const char *text)
{
	const char *s;

	if (!is_cheap(text))
		return false;
	for (s = text; *s; s++) {
		strbuf_addc(sb, *s);
		if (*s == '\\') {
			strbuf_addc(sb, *++s);
		} else if (*s == '(' && s[1] == '?') {
			if (s[2] != ':')
				return false;
			s += 2;
		}
	}
	return true;
}

/* The whole of a name. */
static struct hs_error *compile(const char *text, regex_t *ret, bool *done)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	*done = false;
	strbuf_adds(&sb, "^(");
	if (!add_expression(&sb, text))
		return NULL;
	strbuf_adds(&sb, ")$");
	err = strbuf_check(&sb);
	if (!err)
		*done = !regcomp(ret, strbuf_str(&sb),
				 REG_EXTENDED | REG_NOSUB);
	return err;
}

struct hs_error *pprof_drop_create(const struct pprof_message *m,
				   struct pprof_drop **ret, bool *readable)
{
	hs_cleanup(cleanup_drop) struct pprof_drop *d = NULL;
	const char *drop = NULL, *keep = NULL;
	struct hs_error *err;

	*ret = NULL;
	*readable = true;
	err = pprof_message_string(m, m->profile->drop_frames, "profile", 0,
				   &drop);
	if (!err)
		err = pprof_message_string(m, m->profile->keep_frames,
					   "profile", 0, &keep);
	if (err || !drop[0])
		return err;
	d = calloc(1, sizeof(*d));
	if (!d)
		return hs_error_nomem();
	err = compile(drop, &d->drop, &d->has_drop);
	if (!err && keep[0])
		err = compile(keep, &d->keep, &d->has_keep);
	if (err)
		return err;
	*readable = d->has_drop && (d->has_keep || !keep[0]);
	if (*readable)
		*ret = take_ptr(d);
	return NULL;
}

/* A name without its arguments: up to the first parenthesis that does not begin
 * "(anonymous namespace)" or stand in "operator()"; and without the dot that
 * some CPUs have before names of functions. */
static void add_simple(struct strbuf *sb, const char *name)
{
	static const char *const parts[] = { "(anonymous namespace)",
					     "operator()" };
	size_t i;

	if (*name == '.')
		name++;
	while (*name) {
		for (i = 0; i < ARRAY_SIZE(parts); i++)
			if (str_starts_with(name, parts[i]))
				break;
		if (i < ARRAY_SIZE(parts)) {
			strbuf_adds(sb, parts[i]);
			name += strlen(parts[i]);
		} else if (*name == '(') {
			return;
		} else {
			strbuf_addc(sb, *name++);
		}
	}
}

struct hs_error *pprof_drop_matches(const struct pprof_drop *d,
				    const char *name, bool *ret)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	add_simple(&sb, name);
	err = strbuf_check(&sb);
	if (err)
		return err;
	*ret = !regexec(&d->drop, strbuf_str(&sb), 0, NULL, 0) &&
	       !(d->has_keep &&
		 !regexec(&d->keep, strbuf_str(&sb), 0, NULL, 0));
	return NULL;
}
