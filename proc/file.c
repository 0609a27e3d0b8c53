#include "proc/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/regular_file.h"
#include "base/strbuf.h"
#include "proc/in_root.h"
#include "proc/proc_path.h"

static enum hs_error_code code_of_errno(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ESRCH:
		return HS_ERROR_GONE;
	case EACCES:
	case EPERM:
		return HS_ERROR_DENIED;
	default:
		return HS_ERROR_SYSTEM;
	}
}

static struct hs_error *proc_file_error(int errnum, const char *path)
{
	enum hs_error_code code = code_of_errno(errnum);
	struct hs_error *err;

	err = hs_error_sys(code, errnum, "cannot read '%s'", path);
	if (code == HS_ERROR_DENIED)
		err = hs_error_hint(err, "run heapsnap as the process's user "
					 "or as root");
	return err;
}

struct hs_error *file_read_proc(const char *path, char **ret, size_t *len_ret)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct hs_error *err;
	int errnum;
	size_t len;

	errnum = fd < 0 ? errno : io_read(fd, &sb);
	if (errnum)
		return proc_file_error(errnum, path);
	len = sb.len;
	err = strbuf_finish(&sb, ret);
	if (!err)
		*len_ret = len;
	return err;
}

char *file_read_or_none(const char *path)
{
	char *text = NULL;
	struct hs_error *err;
	size_t len;

	err = file_read_proc(path, &text, &len);
	if (err)
		hs_error_free(err);
	return text;
}

int file_find(int dirfd, const char *path)
{
	return openat(dirfd, path, O_PATH | O_CLOEXEC);
}

int file_find_in_root(int root, const char *path)
{
	return open_in_root(root, path, O_PATH, 0);
}

int file_find_no_link(int dirfd, const char *name)
{
	/* O_PATH opens a link itself, instead of failing. */
	int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && S_ISLNK(st.st_mode)) {
		close(fd);
		errno = ELOOP;
		return -1;
	}
	return fd;
}

bool file_look(int dirfd, const char *path, struct statx *ret)
{
	return !statx(dirfd, path, AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		      STATX_BASIC_STATS, ret);
}

int file_open_root(pid_t pid)
{
	return open(proc_path(pid, "root").text,
		    O_PATH | O_DIRECTORY | O_CLOEXEC);
}

struct hs_error *file_open_in_root(pid_t pid, const char *path, int flags,
				   mode_t mode, int *ret)
{
	_cleanup_close_ int root = file_open_root(pid);
	int fd = -1;

	if (root >= 0)
		fd = open_in_root(root, path, flags, mode);
	if (fd < 0)
		return hs_error_sys(errno == ENOENT ? HS_ERROR_NOT_FOUND
						    : HS_ERROR_SYSTEM,
				    errno, "cannot open '%s' of process %d",
				    path, (int)pid);
	*ret = fd;
	return NULL;
}

/* The path of our descriptor, PATH_MAX bytes at @ret. */
static bool read_link(int fd, char *ret)
{
	const ssize_t n = readlink(io_link(fd).text, ret, PATH_MAX);

	if (n <= 0 || n == PATH_MAX)
		return false;
	ret[n] = '\0';
	return true;
}

int file_open_below(const char *root, const char *path)
{
	_cleanup_close_ int dir = -1, fd = -1;

	dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	fd = file_find_in_root(dir, path);
	return fd < 0 ? -1 : regular_file_reopen(fd);
}

bool file_path_below(const char *root, int fd, char *ret)
{
	_cleanup_close_ int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char above[PATH_MAX];
	size_t len;

	if (dir < 0 || !read_link(dir, above) || !read_link(fd, ret))
		return false;
	/* "/" has nothing before the slash that a path begins with. */
	len = strcmp(above, "/") ? strlen(above) : 0;
	if (strncmp(ret, above, len) || ret[len] != '/')
		return false;
	memmove(ret, ret + len, strlen(ret + len) + 1);
	return true;
}

int file_open_as_target(pid_t pid, const char *path)
{
	return file_open_below(proc_path(pid, "root").text, path);
}
