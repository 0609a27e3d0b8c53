#include "proc/cgroup_walk.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/strbuf.h"
#include "proc/cgroup_mount.h"
#include "proc/file.h"
#include "proc/proc_path.h"

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

			*v1 = n && cgroup_list_has(names + 1, n, controller);
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

/* Cuts the path of a group to that of the one above it. */
static size_t parent_len(const char *group, size_t len)
{
	while (len && group[len - 1] != '/')
		len--;
	return len ? len - 1 : 0;
}

struct group {
	const char *path; /* borrowed, not terminated */
	size_t len;
	bool v1;
	struct cgroup_mount mount;
};

/* Visits a group and those above it, whose mount is the folder @top. */
static void visit_group(const struct group *group, const char *top,
			cgroup_visit_fn *visit, void *arg)
{
	const char *below = group->path + group->mount.above;
	size_t len = group->len - group->mount.above;

	for (;; len = parent_len(below, len)) {
		_cleanup_strbuf_ struct strbuf folder = { 0 };

		strbuf_addf(&folder, "%s%.*s", top, (int)len, below);
		visit(arg, strbuf_str(&folder), group->v1);
		if (!len)
			return;
	}
}

static bool find_group(const char *text, const char *controller,
		       struct group *ret)
{
	if (!cgroup_path(text, controller, &ret->path, &ret->len, &ret->v1))
		return false;
	if (ret->len == 1)
		ret->len = 0; /* "/" */
	return true;
}

static bool find_mount(const char *mountinfo, const char *controller,
		       struct group *group)
{
	return mountinfo &&
	       cgroup_mount_find(mountinfo, controller, group->v1, group->path,
				 group->len, &group->mount);
}

struct guard {
	const struct cgroup_mount *mount;
	cgroup_visit_fn *visit;
	void *arg;
};

/* What a process has mounted for itself, there and below, may be anything: the
 * folder is of the file system that the kernel said. */
static void visit_guarded(void *arg, const char *folder, bool v1)
{
	const struct guard *guard = arg;
	_cleanup_close_ int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statx status;

	if (fd < 0 || !file_look(fd, "", &status) ||
	    status.stx_dev_major != guard->mount->major ||
	    status.stx_dev_minor != guard->mount->minor)
		return;
	guard->visit(guard->arg, io_link(fd).text, v1);
}

/* Visits a group by the mounts of process @pid: a container sees its own
 * group, of which another container has no mount. */
static void visit_in_process(pid_t pid, const char *controller,
			     struct group *group, cgroup_visit_fn *visit,
			     void *arg)
{
	_cleanup_free_ char *mountinfo =
		file_read_or_none(proc_path(pid, "mountinfo").text);
	struct guard guard = { &group->mount, visit, arg };
	_cleanup_close_ int fd = -1;
	struct hs_error *err;

	if (!find_mount(mountinfo, controller, group))
		return;
	err = file_open_in_root(pid, group->mount.point,
				O_PATH | O_DIRECTORY | O_CLOEXEC, 0, &fd);
	if (err) {
		hs_error_free(err);
		return;
	}
	visit_group(group, io_link(fd).text, visit_guarded, &guard);
}

bool cgroup_walk_mounts(const char *top, const char *mountinfo,
			const char *text, const char *controller,
			cgroup_visit_fn *visit, void *arg)
{
	_cleanup_strbuf_ struct strbuf point = { 0 };
	struct group group;

	if (!find_group(text, controller, &group) ||
	    !find_mount(mountinfo, controller, &group))
		return false;
	strbuf_addf(&point, "%s%s", top, group.mount.point);
	visit_group(&group, strbuf_str(&point), visit, arg);
	return true;
}

void cgroup_walk(pid_t pid, const char *text, const char *controller,
		 cgroup_visit_fn *visit, void *arg)
{
	_cleanup_free_ char *mountinfo =
		file_read_or_none("/proc/self/mountinfo");
	struct group group;

	if (mountinfo &&
	    cgroup_walk_mounts("", mountinfo, text, controller, visit, arg))
		return;
	if (find_group(text, controller, &group))
		visit_in_process(pid, controller, &group, visit, arg);
}

int cgroup_open(const char *folder, const char *name, int flags)
{
	_cleanup_close_ int in = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = -1;
	struct statx parent, file;

	if (in >= 0)
		fd = openat(in, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !file_look(in, "", &parent) ||
	    !file_look(fd, "", &file) || !S_ISREG(file.stx_mode) ||
	    file.stx_dev_major != parent.stx_dev_major ||
	    file.stx_dev_minor != parent.stx_dev_minor)
		return -1;
	return open(io_link(fd).text, flags | O_CLOEXEC);
}

char *cgroup_read(const char *folder, const char *name)
{
	_cleanup_close_ int fd = cgroup_open(folder, name, O_RDONLY);
	_cleanup_strbuf_ struct strbuf text = { 0 };
	struct hs_error *err;
	char *ret = NULL;

	if (fd < 0 || io_read(fd, &text))
		return NULL;
	err = strbuf_finish(&text, &ret);
	if (err)
		hs_error_free(err);
	return ret;
}
