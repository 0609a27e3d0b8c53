#include "mallctl/helper_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void helper_fd_folder(const struct session *s, char ret[HELPER_FD_PATH])
{
	snprintf(ret, HELPER_FD_PATH, "/proc/%d/task/%d/fd", (int)s->id->pid,
		 (int)helper_tid(&s->helper));
}

static void put_path(const struct session *s, int64_t fd,
		     char ret[HELPER_FD_PATH])
{
	size_t len;

	helper_fd_folder(s, ret);
	len = strlen(ret);
	snprintf(ret + len, HELPER_FD_PATH - len, "/%" PRId64, fd);
}

struct hs_error *helper_fd_open(const struct session *s, int64_t fd, int *ret)
{
	char path[HELPER_FD_PATH];

	put_path(s, fd, path);
	*ret = open(path, O_RDWR | O_CLOEXEC);
	if (*ret >= 0)
		return NULL;
	return hs_error_sys(errno == ENOENT ? HS_ERROR_GONE : HS_ERROR_SYSTEM,
			    errno, "cannot open '%s'", path);
}

bool helper_fd_is(const struct session *s, int64_t fd, int ours)
{
	char path[HELPER_FD_PATH];
	struct stat theirs, st;

	put_path(s, fd, path);
	return !stat(path, &theirs) && !fstat(ours, &st) &&
	       theirs.st_dev == st.st_dev && theirs.st_ino == st.st_ino;
}

bool helper_fd_is_memfd(const struct session *s, int64_t fd, const char *name)
{
	char path[HELPER_FD_PATH], target[64] = "", wanted[64];

	put_path(s, fd, path);
	snprintf(wanted, sizeof(wanted), "/memfd:%s (deleted)", name);
	return readlink(path, target, sizeof(target) - 1) > 0 &&
	       !strcmp(target, wanted);
}
