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

/* "00026000 fe:00 332835   /usr/lib/libc.so.6", or the path alone. */
static bool take_file(struct word rest, struct mapping *m, struct word *path,
		      bool *based)
{
	struct word copy = rest, device, inode;

	*path = without_blanks(rest);
	*based = true;
	if (!next_hex(&copy, &m->offset)) {
		m->offset = 0;
		return !rest.len || strchr("/\\[$", rest.s[0]) ||
		       (rest.len > 1 && rest.s[1] == ':');
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

bool heap_maps_line(struct word line, struct mapping *ret, struct word *path,
		    bool *based)
{
	struct mapping m = { .path = "" };
	bool ok;

	*based = true;
	*path = (struct word){ 0 };
	if (line.len && memchr(line.s, '\0', line.len))
		return false;
	words_skip_blanks(&line);
	if (!step_hex(&line, &m.start))
		return false;
	if (words_step_over(&line, "-")) {
		ok = step_hex(&line, &m.end);
		if (ok && words_step_over(&line, ":")) {
			m.read = m.exec = true;
			*path = without_blanks(line);
		} else if (ok && (begins_with_blank(&line) || !line.len)) {
			words_skip_blanks(&line);
			/* Without permissions it is listed for its code. */
			if (!take_permissions(&line, &m))
				m.read = m.exec = true;
			ok = take_file(line, &m, path, based);
		} else {
			ok = false;
		}
	} else {
		ok = begins_with_blank(&line) && next_hex(&line, &m.end) &&
		     take_procfs(line, &m, path);
	}
	if (!ok || m.end <= m.start)
		return false;
	*ret = m;
	return true;
}

bool heap_maps_has_file(const struct mapping *m)
{
	const char *path = m->path;

	return path[0] && path[0] != '[' &&
	       !str_starts_with(path, "anon_inode:");
}
