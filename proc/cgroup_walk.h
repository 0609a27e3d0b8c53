/**
 * @file cgroup_walk.h - visits the control groups that a process is in.
 */
#ifndef PROC_CGROUP_WALK_H
#define PROC_CGROUP_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** The folder of a control group; there may be none. */
typedef void cgroup_visit_fn(void *arg, const char *folder, bool v1);

/** Visits where the groups with @controller are that the /proc/PID/cgroup @text
 *  of process @pid names: its own, then those above. They are those of our
 *  mounts; of a group that these have not, as that of another container, those
 *  of the process's (which takes the rights of ptrace), and folders that last
 * as long as the visit. */
void cgroup_walk(pid_t pid, const char *text, const char *controller,
		 cgroup_visit_fn *visit, void *arg);

/** The same by the mounts of /proc/PID/mountinfo @mountinfo, which are below the
 *  folder @top ("": it is "/"). false: it has none of the process's group. */
bool cgroup_walk_mounts(const char *top, const char *mountinfo,
			const char *text, const char *controller,
			cgroup_visit_fn *visit, void *arg);

/** Finds the path of a process's group in its /proc/PID/cgroup @text, which is
 *  not changed: for version 1 of @controller, else that of version 2. *path
 *  points into @text and is *len long; false: none. *v1: which. Pure. */
bool cgroup_path(const char *text, const char *controller, const char **path,
		 size_t *len, bool *v1);

/** Opens the file @name of a visited @folder, which is no link, and no other
 * file that somebody has mounted there. @flags as of open(2). -1: it has none.
 */
int cgroup_open(const char *folder, const char *name, int flags);

/** Its text; NULL: it cannot be read. free(3). */
char *cgroup_read(const char *folder, const char *name);

#endif
