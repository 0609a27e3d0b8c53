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
 * cgroups(7). A limit that cannot be read counts as none. */
struct hs_error *cgroup_headroom(pid_t pid, enum cgroup_resource resource,
				 struct cgroup_headroom *ret) hs_must_check;

/** Version 1 writes no limit as the largest multiple of a page. */
bool cgroup_is_limit(uint64_t limit);

/** Bytes of page cache by the @text of a group's memory.stat. */
uint64_t cgroup_page_cache(const char *text, bool v1);

/** The headroom of a process whose /proc/PID/cgroup is @text, by the mounts of
 *  /proc/PID/mountinfo @mountinfo, which are below the folder @top. */
void cgroup_headroom_in(const char *top, const char *mountinfo,
			const char *text, enum cgroup_resource resource,
			struct cgroup_headroom *ret);

/** *ret: version 1 or 2 of control groups has frozen the tasks of process
 *  @pid's group, or is about to. */
struct hs_error *cgroup_frozen(pid_t pid, bool *ret) hs_must_check;

enum { CGROUP_CONTAINER_ID = 12 + 1 };

/** Finds the id of the innermost container that the process's /proc/PID/cgroup
 *  @text names, and copies its first 12 digits, as docker ps prints them. Those
 *  of docker, containerd, CRI-O and podman are 64 hexadecimal digits, those of
 *  ECS 32 with a number behind. false: none. Pure. */
bool cgroup_container(const char *text, char ret[CGROUP_CONTAINER_ID]);

#endif
