#include "proc/environment.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "proc/file.h"
#include "proc/memory.h"
#include "proc/proc_path.h"
#include "proc/proc_text.h"

/* The bounds are fields 50 and 51 of /proc/PID/stat, proc(5): counted from the
 * name, field 2, which is in parentheses and may hold anything. 0: unknown. */
static bool parse_bounds(const char *text, size_t len, uint64_t *start,
			 uint64_t *end)
{
	const char *p = memrchr(text, ')', len), *stop = text + len;
	int field = 2;

	while (p && p < stop && (p = memchr(p, ' ', (size_t)(stop - p)))) {
		size_t n;

		p++;
		n = strcspn(p, " \n");
		field++;
		if (field == 50 && !parse_u64(p, n, start))
			return false;
		if (field == 51)
			return parse_u64(p, n, end);
	}
	return false;
}

/* The kernel uses the same byte to decide whether the arguments are still the
 * original ones (fs/proc/base.c, get_mm_cmdline()). */
bool environment_is_intact(const char *text, size_t len, char before)
{
	const char *p = text, *end = text + len;

	if (before)
		return false;
	for (; p < end; p += strnlen(p, (size_t)(end - p)) + 1) {
		if (!memchr(p, '=', strnlen(p, (size_t)(end - p))))
			return false;
	}
	return true;
}

static struct hs_error *read_bounds(pid_t pid, uint64_t *start, uint64_t *end)
{
	_cleanup_proc_text_ struct proc_text t;
	struct hs_error *err = proc_text_read(proc_path(pid, "stat"), &t);

	if (!err && !parse_bounds(t.s, t.len, start, end))
		err = hs_error_new(HS_ERROR_INPUT,
				   "%s:1: not a process's state", t.path.text);
	return err;
}

struct hs_error *environment_read(pid_t pid, struct environment *ret)
{
	struct environment e = { 0 };
	uint64_t start = 0, end = 0;
	struct hs_error *err;
	char before;

	err = file_read_proc(proc_path(pid, "environ").text, &e.text, &e.len);
	if (!err)
		err = read_bounds(pid, &start, &end);
	if (!err && start < end) {
		err = memory_read(pid, start - 1, &before, sizeof(before));
		e.intact = !err && e.len == end - start &&
			   environment_is_intact(e.text, e.len, before);
	} else {
		/* The environment may be empty. */
		e.intact = !err && start && start == end;
	}
	if (err) {
		environment_release(&e);
		return err;
	}
	*ret = e;
	return NULL;
}

void environment_release(struct environment *e)
{
	free(e->text);
	*e = (struct environment){ 0 };
}

const char *environment_get(const struct environment *e, const char *name)
{
	size_t n = strlen(name), at, len;

	for (at = 0; at < e->len; at += len + 1) {
		len = strlen(e->text + at);
		if (len > n && !strncmp(e->text + at, name, n) &&
		    e->text[at + n] == '=')
			return e->text + at + n + 1;
	}
	return NULL;
}
