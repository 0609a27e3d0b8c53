#include "proc/cgroup.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/words.h"
#include "proc/cgroup_walk.h"
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

/* Reads a number from a file; false: it has none ("max"), or does not exist. */
static bool read_number(const char *folder, const char *name, uint64_t *ret)
{
	_cleanup_free_ char *text = cgroup_read(folder, name);

	return text && parse_u64(text, strcspn(text, "\n"), ret);
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
	_cleanup_free_ char *text = cgroup_read(folder, "memory.stat");

	return text ? cgroup_page_cache(text, v1) : 0;
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

void cgroup_headroom_in(const char *top, const char *mountinfo,
			const char *text, enum cgroup_resource resource,
			struct cgroup_headroom *ret)
{
	struct look look = { resource, ret };

	*ret = (struct cgroup_headroom){ 0 };
	cgroup_walk_mounts(top, mountinfo, text, resources[resource].controller,
			   look_at, &look);
}

static struct hs_error *read_groups(pid_t pid, char **ret)
{
	size_t len;

	return file_read_proc(proc_path(pid, "cgroup").text, ret, &len);
}

struct hs_error *cgroup_headroom(pid_t pid, enum cgroup_resource resource,
				 struct cgroup_headroom *ret)
{
	_cleanup_free_ char *text = NULL;
	struct look look = { resource, ret };
	struct hs_error *err = read_groups(pid, &text);

	*ret = (struct cgroup_headroom){ 0 };
	if (!err)
		cgroup_walk(pid, text, resources[resource].controller, look_at,
			    &look);
	return err;
}

/* Version 1: kernel/cgroup/legacy_freezer.c. Version 2: not "frozen" in
 * cgroup.events, which waits for the last of its tasks. */
static void look_for_frost(void *arg, const char *folder, bool v1)
{
	bool *frozen = arg;
	_cleanup_free_ char *state = NULL;
	uint64_t value;

	if (!v1) {
		*frozen |= read_number(folder, "cgroup.freeze", &value) &&
			   value;
		return;
	}
	state = cgroup_read(folder, "freezer.state");
	*frozen |= state && !str_starts_with(state, "THAWED");
}

struct hs_error *cgroup_frozen(pid_t pid, bool *ret)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err = read_groups(pid, &text);

	*ret = false;
	if (err)
		return err;
	cgroup_walk(pid, text, "freezer", look_for_frost, ret);
	/* no controller of version 1 has that name */
	cgroup_walk(pid, text, "-", look_for_frost, ret);
	return NULL;
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
