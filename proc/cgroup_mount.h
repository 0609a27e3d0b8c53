/**
 * @file cgroup_mount.h - finds where control groups are mounted, by
 * /proc/PID/mountinfo.
 */
#ifndef PROC_CGROUP_MOUNT_H
#define PROC_CGROUP_MOUNT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct cgroup_mount {
	char point[PATH_MAX];  /* as seen from the root of the process that the
				  mountinfo is of */
	unsigned major, minor; /* of its file system's device */
	size_t above; /* so many bytes of the group's path are the group that is
			 mounted there; what follows is below the point */
};

/** Finds the mount in /proc/PID/mountinfo @text, proc_pid_mountinfo(5), that
 *  has the group of path @group (@len bytes) in the hierarchy of version 2, or
 *  in the one of version 1 (@v1) with @controller. Of several it is the one
 *  with the most groups above that. false: there is none; so it is with other
 *  containers' groups ("/../NAME") in a control group namespace. Pure. */
bool cgroup_mount_find(const char *text, const char *controller, bool v1,
		       const char *group, size_t len, struct cgroup_mount *ret);

/** @list, @len bytes, names separated by commas, has @name. Pure. */
bool cgroup_list_has(const char *list, size_t len, const char *name);

#endif
