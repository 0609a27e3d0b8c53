#include "heap/format/maps_line.h"

#include <string.h>

#include "base/parse.h"
#include "base/str.h"

/* Steps over a number of hexadecimal digits, with or without "0x". */
static bool step_hex(struct word *rest, uint64_t *ret)
{
	size_t n = 0;

	(void)words_step_over(rest, "0x");
	while (n < rest->len && strchr("0123456789abcdefABCDEF", rest->s[n]) &&
	       rest->s[n])
		n++;
	if (!parse_hex(rest->s, n, ret))
		return false;
	words_step(rest, n);
	return true;
}

static bool next_hex(struct word *rest, uint64_t *ret)
{
	struct word w = words_next(rest);

	return step_hex(&w, ret) && !w.len;
}

static bool begins_with_blank(const struct word *w)
{
	return w->len && (w->s[0] == ' ' || w->s[0] == '\t');
}

/* "r-xp", "rw--", "r-x" */
static bool take_permissions(struct word *rest, struct mapping *m)
{
	struct word copy = *rest, w = words_next(&copy);
	size_t i;

	if (w.len < 3 || w.len > 5)
		return false;
	for (i = 0; i < w.len; i++)
		if (!w.s[i] || !strchr("rwxsp-", w.s[i]))
			return false;
	m->read = w.s[0] == 'r';
	m->write = w.s[1] == 'w';
	m->exec = w.s[2] == 'x';
	m->shared = w.len > 3 && w.s[3] != 'p';
	*rest = copy;
	return true;
}

static struct word without_blanks(struct word w)
{
	words_skip_blanks(&w);
	while (w.len && (w.s[w.len - 1] == ' ' || w.s[w.len - 1] == '\t'))
		w.len--;
	return w;
}

/* "fe:00" */
static bool take_device(struct word w, struct mapping *m)
{
	uint64_t major, minor;

	if (!step_hex(&w, &major) || !words_step_over(&w, ":") ||
	    !step_hex(&w, &minor) || w.len)
		return false;
	m->dev_major = (uint32_t)major;
	m->dev_minor = (uint32_t)minor;
	return true;
}

/* "/srv/app (@2000) 1f2e": the offset, and a build-id, behind the path. */
static void take_offset_behind(struct word *path, struct mapping *m,
			       bool *based)
{
	struct word rest = *path, at;
	uint64_t offset;

	for (; rest.len; words_step(&rest, 1)) {
		at = rest;
		if (!words_step_over(&at, " (@") || !step_hex(&at, &offset) ||
		    !words_step_over(&at, ")"))
			continue;
		(void)words_next(&at);
		if (at.len)
			continue;
		m->offset = offset;
		*based = false;
		path->len = (size_t)(rest.s - path->s);
		*path = without_blanks(*path);
		return;
	}
}

/* It may be the path of a file, or the name of what is none. */
static bool is_path(struct word w)
{
	return !w.len || strchr("/\\[$.", w.s[0]) ||
	       (w.len > 1 && w.s[1] == ':') ||
	       (!memchr(w.s, ' ', w.len) && !memchr(w.s, '\t', w.len));
}

/* "00026000 fe:00 332835   /usr/lib/libc.so.6", or the path alone. */
static bool take_file(struct word rest, struct mapping *m, struct word *path,
		      bool *based)
{
	struct word copy = rest, device, inode;

	*path = without_blanks(rest);
	if (!next_hex(&copy, &m->offset)) {
		m->offset = 0;
		*based = true;
		take_offset_behind(path, m, based);
		return is_path(*path);
	}
	*based = false;
	*path = without_blanks(copy);
	device = words_next(&copy);
	if (!take_device(device, m))
		return true;
	*path = without_blanks(copy);
	inode = words_next(&copy);
	if (parse_u64(inode.s, inode.len, &m->inode))
		*path = without_blanks(copy);
	return true;
}

/* Behind "0x400000 0x401000": numbers of pages and an address, permissions,
 * numbers and flags, the kind of the mapping and, of a file, its path.
 * (freebsd, sys/fs/procfs/procfs_map.c) */
static bool take_procfs(struct word rest, struct mapping *m, struct word *path)
{
	struct word w, name;
	int i;

	for (i = 0; i < 4 && !take_permissions(&rest, m); i++)
		(void)words_next(&rest);
	while ((w = words_next(&rest)).len && !word_is(w, "vnode"))
		;
	*path = name = without_blanks(rest);
	/* The last words, where there are any: "NCH -1", "CH 1001". */
	for (; name.len; words_step(&name, 1)) {
		w = name;
		if (words_step_over(&w, " NCH ") || words_step_over(&w, " CH "))
			path->len = (size_t)(name.s - path->s);
	}
	*path = without_blanks(*path);
	return i < 4 || m->exec;
}

/* The line is one of procfs: a number of pages is third. */
static bool is_procfs(struct word rest)
{
	struct word pages = words_next(&rest);
	uint64_t n;

	return parse_u64(pages.s, pages.len, &n) && rest.len;
}

/* "a.cc:12] ", what a log puts before each line. (pprof, legacy_profile.go,
 * logInfoRE) */
static void skip_log(struct word *line)
{
	struct word before = *line, text = words_until(&before, ']');
	size_t n = text.len;

	while (n && text.s[n - 1] >= '0' && text.s[n - 1] <= '9')
		n--;
	if (before.len > 1 &&
	    begins_with_blank(&(struct word){ before.s + 1, 1 }) && n > 1 &&
	    n < text.len && text.s[n - 1] == ':' &&
	    !memchr(text.s, '[', text.len))
		words_step(line, text.len + 1);
}

/* "400000-401000", with a colon, or in two words. *code: the line is of a list
 * of code alone. */
static bool take_range(struct word *rest, struct mapping *m, bool *code)
{
	*code = false;
	if (!step_hex(rest, &m->start))
		return false;
	if (!words_step_over(rest, "-")) {
		if (!begins_with_blank(rest))
			return false;
		words_skip_blanks(rest);
	}
	if (!step_hex(rest, &m->end) || m->end <= m->start)
		return false;
	*code = words_step_over(rest, ":");
	return *code || !rest->len || begins_with_blank(rest);
}

bool heap_maps_line(struct word line, struct mapping *ret, struct word *path,
		    bool *based)
{
	struct mapping m = { .path = "" };
	bool ok = true, code;

	*based = true;
	*path = (struct word){ 0 };
	if (line.len && memchr(line.s, '\0', line.len))
		return false;
	skip_log(&line);
	words_skip_blanks(&line);
	if (!take_range(&line, &m, &code))
		return false;
	words_skip_blanks(&line);
	if (!code && is_procfs(line) && take_procfs(line, &m, path)) {
		*ret = m;
		return true;
	}
	/* Without permissions it is listed for its code. */
	if (!take_permissions(&line, &m))
		m.read = m.exec = true;
	if (code) {
		*path = without_blanks(line);
		take_offset_behind(path, &m, based);
	} else {
		ok = take_file(line, &m, path, based);
	}
	if (ok)
		*ret = m;
	return ok;
}

bool heap_maps_has_file(const struct mapping *m)
{
	const char *path = m->path;

	return path[0] && path[0] != '[' &&
	       !str_starts_with(path, "anon_inode:");
}
