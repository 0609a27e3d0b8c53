#include "mallctl/helper_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/proc_path.h"

static struct proc_path path_of(const struct session *s, int64_t fd)
{
	char name[32];

	snprintf(name, sizeof(name), "fd/%" PRId64, fd);
	return proc_task_path(s->id->pid, helper_tid(&s->helper), name);
}

struct hs_error *helper_fd_open(const struct session *s, int64_t fd, int *ret)
{
	struct proc_path path = path_of(s, fd);

	*ret = open(path.text, O_RDWR | O_CLOEXEC);
	if (*ret >= 0)
		return NULL;
	return hs_error_sys(errno == ENOENT ? HS_ERROR_GONE : HS_ERROR_SYSTEM,
			    errno, "cannot open '%s'", path.text);
}

bool helper_fd_is(const struct session *s, int64_t fd, int ours)
{
	struct proc_path path = path_of(s, fd);
	struct stat theirs, st;

	return !stat(path.text, &theirs) && !fstat(ours, &st) &&
	       theirs.st_dev == st.st_dev && theirs.st_ino == st.st_ino;
}

bool helper_fd_is_memfd(const struct session *s, int64_t fd, const char *name)
{
	struct proc_path path = path_of(s, fd);
	char target[64] = "", wanted[64];

	snprintf(wanted, sizeof(wanted), "/memfd:%s (deleted)", name);
	return readlink(path.text, target, sizeof(target) - 1) > 0 &&
	       !strcmp(target, wanted);
}
