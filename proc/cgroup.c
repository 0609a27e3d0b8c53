#include "proc/cgroup.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/strbuf.h"
#include "proc/file.h"

/* A version 1 controller's files, and those of version 2. */
static const struct {
	const char *controller;
	const char *limit_v1, *used_v1, *limit_v2, *used_v2;
} resources[] = {
	[CGROUP_PIDS] = { "pids", "pids.max", "pids.current", "pids.max",
			  "pids.current" },
	[CGROUP_MEMORY] = { "memory", "memory.limit_in_bytes",
			    "memory.usage_in_bytes", "memory.max",
			    "memory.current" },
};

/* "@list" of names with commas between has @name. */
static bool has_name(const char *list, size_t len, const char *name)
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

bool cgroup_path(const char *text, const char *controller, const char **path,
		 size_t *len, bool *v1)
{
	bool found = false;

	*v1 = false;
	while (*text && !*v1) {
		size_t line = strcspn(text, "\n");
		const char *names = memchr(text, ':', line), *colon = NULL;

		if (names)
			colon = memchr(names + 1, ':',
				       line - (size_t)(names + 1 - text));
		if (colon) {
			size_t n = (size_t)(colon - names) - 1;

			*v1 = n && has_name(names + 1, n, controller);
			if (*v1 || !n) {
				*path = colon + 1;
				*len = line - (size_t)(colon + 1 - text);
				found = true;
			}
		}
		text += line + (text[line] == '\n');
	}
	return found;
}

/* A number in a file; false: there is none ("max"), or no such file. */
static bool read_number(const char *folder, const char *name, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct hs_error *err;
	size_t len;

	strbuf_addf(&path, "%s/%s", folder, name);
	err = strbuf_check(&path);
	if (!err)
		err = file_read_proc(strbuf_str(&path), &text, &len);
	if (err) {
		hs_error_free(err);
		return false;
	}
	if (len && text[len - 1] == '\n')
		len--;
	return parse_u64(text, len, ret);
}

/* Version 1 has no word for "no limit", but the largest multiple of a page. */
static bool is_limit(uint64_t limit)
{
	return limit < (uint64_t)1 << 62;
}

static void look_at(const char *folder, const char *limit_name,
		    const char *used_name, struct cgroup_room *room)
{
	uint64_t limit, used;

	if (!read_number(folder, limit_name, &limit) || !is_limit(limit) ||
	    !read_number(folder, used_name, &used))
		return;
	if (used > limit)
		used = limit;
	if (room->limited && room->limit - room->used <= limit - used)
		return;
	*room = (struct cgroup_room){ true, limit, used };
}

struct hs_error *cgroup_room(pid_t pid, enum cgroup_resource resource,
			     struct cgroup_room *ret)
{
	static const char *const mounts_v2[] = { "/sys/fs/cgroup",
						 "/sys/fs/cgroup/unified" };
	const char *controller = resources[resource].controller, *group;
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	char file[32], folder[4096];
	size_t len, i;
	bool v1;

	*ret = (struct cgroup_room){ 0 };
	snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)pid);
	err = file_read_proc(file, &text, &len);
	if (err)
		return err;
	if (!cgroup_path(text, controller, &group, &len, &v1))
		return NULL;
	/* The group, and those above it. */
	for (;;) {
		for (i = 0; i < ARRAY_SIZE(mounts_v2) && !v1; i++) {
			snprintf(folder, sizeof(folder), "%s%.*s", mounts_v2[i],
				 (int)len, group);
			look_at(folder, resources[resource].limit_v2,
				resources[resource].used_v2, ret);
		}
		snprintf(folder, sizeof(folder), "/sys/fs/cgroup/%s%.*s",
			 controller, (int)len, group);
		if (v1)
			look_at(folder, resources[resource].limit_v1,
				resources[resource].used_v1, ret);
		if (!len)
			return NULL;
		while (len && group[len - 1] != '/')
			len--;
		if (len)
			len--;
	}
}
