#include "proc/cgroup.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "base/words.h"
#include "proc/file.h"
#include "proc/proc_path.h"

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
	[CGROUP_MEMORY_HIGH] = { "memory", NULL, NULL, "memory.high",
				 "memory.current" },
};

/* Keys in memory.stat: of version 1, and of version 2. Those of version 1
 * without "total_" count the group alone, not the groups below it. */
static const char *const cache_v1[] = { "total_inactive_file",
					"total_active_file" };
static const char *const cache_v2[] = { "inactive_file", "active_file" };

/* @list, names separated by commas, has @name. */
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

/* Reads a number from a file; false: it has none ("max"), or does not exist. */
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

bool cgroup_is_limit(uint64_t limit)
{
	return limit < (uint64_t)1 << 62;
}

uint64_t cgroup_page_cache(const char *text, bool v1)
{
	const char *const *names = v1 ? cache_v1 : cache_v2;

	return words_number(text, names[0]) + words_number(text, names[1]);
}

static uint64_t page_cache(const char *folder, bool v1)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	size_t len;

	strbuf_addf(&path, "%s/memory.stat", folder);
	err = strbuf_check(&path);
	if (!err)
		err = file_read_proc(strbuf_str(&path), &text, &len);
	if (err) {
		hs_error_free(err);
		return 0;
	}
	return cgroup_page_cache(text, v1);
}

struct look {
	enum cgroup_resource resource;
	struct cgroup_headroom *headroom;
};

static void look_at(void *arg, const char *folder, bool v1)
{
	const struct look *look = arg;
	const enum cgroup_resource resource = look->resource;
	struct cgroup_headroom *headroom = look->headroom;
	uint64_t limit, used, cache = 0;

	if (v1 && !resources[resource].limit_v1)
		return;
	if (!read_number(folder,
			 v1 ? resources[resource].limit_v1
			    : resources[resource].limit_v2,
			 &limit) ||
	    !cgroup_is_limit(limit) ||
	    !read_number(folder,
			 v1 ? resources[resource].used_v1
			    : resources[resource].used_v2,
			 &used))
		return;
	if (resource != CGROUP_PIDS)
		cache = page_cache(folder, v1);
	used -= cache < used ? cache : used;
	if (used > limit)
		used = limit;
	if (headroom->limited &&
	    headroom->limit - headroom->used <= limit - used)
		return;
	*headroom = (struct cgroup_headroom){ true, limit, used };
}

#define MOUNT "/sys/fs/cgroup"

/* Where version 2 may be below that. */
static const char *const mounts_v2[] = { "", "/unified" };

static struct hs_error *read_groups(pid_t pid, char **ret)
{
	size_t len;

	return file_read_proc(proc_path(pid, "cgroup").text, ret, &len);
}

/* Cuts the path of a group to that of the one above it. */
static size_t parent_len(const char *group, size_t len)
{
	while (len && group[len - 1] != '/')
		len--;
	return len ? len - 1 : 0;
}

static void walk(const char *mount, const char *text, const char *controller,
		 cgroup_visit_fn *visit, void *arg)
{
	const char *group;
	char folder[4096];
	size_t len, i;
	bool v1;

	if (!cgroup_path(text, controller, &group, &len, &v1))
		return;
	for (;;) {
		for (i = 0; i < ARRAY_SIZE(mounts_v2) && !v1; i++) {
			snprintf(folder, sizeof(folder), "%s%s%.*s", mount,
				 mounts_v2[i], (int)len, group);
			visit(arg, folder, false);
		}
		snprintf(folder, sizeof(folder), "%s/%s%.*s", mount, controller,
			 (int)len, group);
		if (v1)
			visit(arg, folder, true);
		if (!len)
			return;
		len = parent_len(group, len);
	}
}

void cgroup_walk(const char *text, const char *controller,
		 cgroup_visit_fn *visit, void *arg)
{
	walk(MOUNT, text, controller, visit, arg);
}

void cgroup_headroom_in(const char *mount, const char *text,
			enum cgroup_resource resource,
			struct cgroup_headroom *ret)
{
	struct look look = { resource, ret };

	*ret = (struct cgroup_headroom){ 0 };
	walk(mount, text, resources[resource].controller, look_at, &look);
}

struct hs_error *cgroup_headroom(pid_t pid, enum cgroup_resource resource,
				 struct cgroup_headroom *ret)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err = read_groups(pid, &text);

	*ret = (struct cgroup_headroom){ 0 };
	if (!err)
		cgroup_headroom_in(MOUNT, text, resource, ret);
	return err;
}

/* kernel/cgroup/legacy_freezer.c: the state counts what is above the group. */
static bool frozen_v1(const char *text)
{
	_cleanup_free_ char *state = NULL;
	struct hs_error *err;
	const char *group;
	char file[4096];
	size_t len;
	bool v1;

	if (!cgroup_path(text, "freezer", &group, &len, &v1) || !v1)
		return false;
	snprintf(file, sizeof(file), MOUNT "/freezer%.*s/freezer.state",
		 (int)len, group);
	err = file_read_proc(file, &state, &len);
	if (!err)
		return !str_starts_with(state, "THAWED");
	hs_error_free(err);
	return false;
}

/* Not "frozen" in cgroup.events, which waits for the last of its tasks. */
static bool frozen_v2(const char *text)
{
	const char *group;
	char folder[4096];
	uint64_t value;
	size_t len, i;
	bool v1;

	/* no controller of version 1 has that name */
	if (!cgroup_path(text, "-", &group, &len, &v1))
		return false;
	for (;; len = parent_len(group, len)) {
		for (i = 0; i < ARRAY_SIZE(mounts_v2); i++) {
			snprintf(folder, sizeof(folder), MOUNT "%s%.*s",
				 mounts_v2[i], (int)len, group);
			if (read_number(folder, "cgroup.freeze", &value) &&
			    value)
				return true;
		}
		if (!len)
			return false;
	}
}

struct hs_error *cgroup_frozen(pid_t pid, bool *ret)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err = read_groups(pid, &text);

	*ret = !err && (frozen_v1(text) || frozen_v2(text));
	return err;
}

/* "0::/system.slice/docker-8a7b....scope",
 * "/kubepods/burstable/pod1f-2e/8a7b..." */
bool cgroup_container(const char *text, char ret[CGROUP_CONTAINER_ID])
{
	enum { DIGITS = 64, ECS_DIGITS = 32 };
	const char *found = NULL, *at;
	size_t n;

	for (at = text; *at; at += n ? n : 1) {
		n = strspn(at, "0123456789abcdef");
		if ((n == DIGITS || (n == ECS_DIGITS && at[n] == '-')) &&
		    at > text && strchr("/-:", at[-1]))
			found = at;
	}
	if (!found)
		return false;
	memcpy(ret, found, CGROUP_CONTAINER_ID - 1);
	ret[CGROUP_CONTAINER_ID - 1] = '\0';
	return true;
}
