#include "proc/cgroup_mount.h"

#include <string.h>

#include "base/parse.h"
#include "base/words.h"

bool cgroup_list_has(const char *list, size_t len, const char *name)
{
	size_t n = strlen(name), at, end;

	for (at = 0; at < len; at = end + 1) {
		const char *comma = memchr(list + at, ',', len - at);

		end = comma ? (size_t)(comma - list) : len;
		if (end - at == n && !memcmp(list + at, name, n))
			return true;
	}
	return false;
}

/* "\040", three octal digits: fs/proc_namespace.c, mangle(). */
static bool is_escape(const char *s, size_t len)
{
	return len >= 4 && s[0] == '\\' && s[1] >= '0' && s[1] <= '3' &&
	       s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7';
}

/* A path of mountinfo, PATH_MAX bytes at @ret. false: it is longer. */
static bool unescape(struct word w, char *ret)
{
	size_t n = 0;

	while (w.len) {
		const bool escape = is_escape(w.s, w.len);

		if (n == PATH_MAX - 1)
			return false;
		ret[n++] = escape ? (char)((w.s[1] - '0') << 6 |
					   (w.s[2] - '0') << 3 | (w.s[3] - '0'))
				  : *w.s;
		words_step(&w, escape ? 4 : 1);
	}
	ret[n] = '\0';
	return true;
}

/* How much of the path of a group is @root; false: the group is not below. */
static bool is_below(const char *group, size_t len, const char *root,
		     size_t *ret)
{
	const size_t n = strcmp(root, "/") ? strlen(root) : 0;
	struct word rest = { group + n, len - n };

	if (n > len || memcmp(group, root, n) || (rest.len && *rest.s != '/'))
		return false;
	*ret = n;
	/* What is above the top of the namespace has no name in it. */
	return !words_step_over(&rest, "/..") || (rest.len && *rest.s != '/');
}

/* "98:0" */
static bool parse_device(struct word w, struct cgroup_mount *ret)
{
	struct word major = words_until(&w, ':');
	uint64_t numbers[2];

	words_step(&w, 1);
	if (!parse_u64(major.s, major.len, &numbers[0]) ||
	    !parse_u64(w.s, w.len, &numbers[1]))
		return false;
	ret->major = (unsigned)numbers[0];
	ret->minor = (unsigned)numbers[1];
	return true;
}

/* "36 35 98:0 ROOT POINT rw,noatime master:1 - TYPE SOURCE rw,memory", without
 * the first two words, is of the hierarchy. */
static bool is_hierarchy(struct word rest, const char *controller, bool v1)
{
	struct word word, options;

	do
		word = words_next(&rest);
	while (word.len && !word_is(word, "-"));
	word = words_next(&rest);
	if (!word_is(word, v1 ? "cgroup" : "cgroup2"))
		return false;
	words_next(&rest);
	options = words_next(&rest);
	return !v1 || cgroup_list_has(options.s, options.len, controller);
}

/* A line as it is told of; @root: PATH_MAX bytes. */
static bool parse_line(struct word line, const char *controller, bool v1,
		       char *root, struct cgroup_mount *ret)
{
	words_next(&line);
	words_next(&line);
	return is_hierarchy(line, controller, v1) &&
	       parse_device(words_next(&line), ret) &&
	       unescape(words_next(&line), root) &&
	       unescape(words_next(&line), ret->point);
}

bool cgroup_mount_find(const char *text, const char *controller, bool v1,
		       const char *group, size_t len, struct cgroup_mount *ret)
{
	struct word rest = { text, strlen(text) }, line;
	struct cgroup_mount mount;
	char root[PATH_MAX];
	bool found = false;

	while (words_line(&rest, &line)) {
		if (!parse_line(line, controller, v1, root, &mount) ||
		    !is_below(group, len, root, &mount.above) ||
		    (found && mount.above > ret->above))
			continue;
		/* A later one may hide an earlier one. */
		*ret = mount;
		found = true;
	}
	return found;
}
