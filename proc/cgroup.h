/**
 * @file cgroup.h - the headroom that control groups leave a process, and
 * whether they freeze it.
 */
#ifndef PROC_CGROUP_H
#define PROC_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum cgroup_resource {
	CGROUP_PIDS,	    /* processes and threads */
	CGROUP_MEMORY,	    /* bytes */
	CGROUP_MEMORY_HIGH, /* bytes above which the group is held up; of
			       version 2 only */
};

struct cgroup_headroom {
	bool limited;	      /* else the rest is not set */
	uint64_t limit, used; /* of the group with the least headroom: its own
				 or one above; used memory is without the page
				 cache, which is given back first */
};

/** Reads the headroom of process @pid in version 1 or 2 of control groups,
 * cgroups(7), mounted in /sys/fs/cgroup. A limit that cannot be read counts as
 * none. */
struct hs_error *cgroup_headroom(pid_t pid, enum cgroup_resource resource,
				 struct cgroup_headroom *ret) hs_must_check;

/** The folder of a control group; there may be none. */
typedef void cgroup_visit_fn(void *arg, const char *folder, bool v1);

/** Visits where the groups with @controller are that a process's
 *  /proc/PID/cgroup @text names: its own, then those above. Of version 2 each
 *  twice, since it is mounted in either of two places. */
void cgroup_walk(const char *text, const char *controller,
		 cgroup_visit_fn *visit, void *arg);

/** Version 1 writes no limit as the largest multiple of a page. */
bool cgroup_is_limit(uint64_t limit);

/** Bytes of page cache by the @text of a group's memory.stat. */
uint64_t cgroup_page_cache(const char *text, bool v1);

/** The same of a process whose /proc/PID/cgroup is @text, with the groups
 *  mounted in the folder @mount. */
void cgroup_headroom_in(const char *mount, const char *text,
			enum cgroup_resource resource,
			struct cgroup_headroom *ret);

/** *ret: version 1 or 2 of control groups has frozen the tasks of process
 *  @pid's group, or is about to. */
struct hs_error *cgroup_frozen(pid_t pid, bool *ret) hs_must_check;

/** Finds the path of a process's group in its /proc/PID/cgroup @text, which is
 *  not changed: for version 1 of @controller, else that of version 2. *path
 *  points into @text and is *len long; false: none. *v1: which. Pure. */
bool cgroup_path(const char *text, const char *controller, const char **path,
		 size_t *len, bool *v1);

enum { CGROUP_CONTAINER_ID = 12 + 1 };

/** Finds the id of the innermost container that the process's /proc/PID/cgroup
 *  @text names, and copies its first 12 digits, as docker ps prints them. Those
 *  of docker, containerd, CRI-O and podman are 64 hexadecimal digits, those of
 *  ECS 32 with a number behind. false: none. Pure. */
bool cgroup_container(const char *text, char ret[CGROUP_CONTAINER_ID]);

#endif
