#include "proc/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/strbuf.h"

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

uint64_t file_number_in(const char *text, const char *name)
{
	size_t n = strlen(name);
	uint64_t value;

	while (*text && (strncmp(text, name, n) || text[n] != ' ')) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (!*text)
		return 0;
	text += n + strspn(text + n, " ");
	return parse_u64(text, strcspn(text, " \n"), &value) ? value : 0;
}

/* O_PATH first: opening what is not a regular file (a device of a driver that
 * is mapped) could have effects. */
static int open_path_only(int dirfd, const char *path, uint64_t resolve)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = resolve,
	};

	if (!resolve)
		return openat(dirfd, path, O_PATH | O_CLOEXEC);
	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

/* A descriptor to read from for an O_PATH one. */
static int reopen_to_read(int path_fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool is_regular(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode);
}

/*
 * Is @fd the mapped file? /proc/PID/maps tells the device of the super block;
 * stat(2) tells another one on btrfs (one per subvolume) and on overlayfs (one
 * per layer; and before Linux 6.8 maps told that of the lower file).
 */
static bool is_mapped_file(int fd, const struct mapping *m)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_ino != m->inode)
		return false;
	if (st.st_dev == makedev(m->dev_major, m->dev_minor))
		return true;
	return !fstatfs(fd, &fs) && (fs.f_type == OVERLAYFS_SUPER_MAGIC ||
				     fs.f_type == BTRFS_SUPER_MAGIC);
}

/* Does the link @path name the mapping's file? It tells the same as maps, but
 * without escapes. */
static bool link_has_path(const char *path, const struct mapping *m)
{
	char target[4096 + 16];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	size_t len = strlen(m->path);

	if (n < 0)
		return false;
	target[n] = '\0';
	return !strncmp(target, m->path, len) &&
	       !strcmp(target + len, m->deleted ? " (deleted)" : "");
}

/* Another file may have been mapped at the same addresses since maps was read:
 * believe it only when the inode or, where overlayfs has two numbers for one
 * file, the path agrees. */
static int open_map_file(pid_t pid, const struct mapping *m)
{
	_cleanup_close_ int fd = -1;
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", (int)pid,
		 (unsigned long long)m->start, (unsigned long long)m->end);
	fd = open_path_only(AT_FDCWD, path, 0);
	if (fd < 0)
		return -1;
	if (!is_mapped_file(fd, m) &&
	    !(is_regular(fd) && link_has_path(path, m)))
		return -1;
	return reopen_to_read(fd);
}

static int open_exe(pid_t pid, const struct mapping *m)
{
	_cleanup_close_ int fd = -1;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	fd = open_path_only(AT_FDCWD, path, 0);
	return fd >= 0 && is_mapped_file(fd, m) ? reopen_to_read(fd) : -1;
}

static int open_root(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/*
 * Below the target's root, and below ours: the path in maps is as who reads it
 * would go, which for a target that has only changed its root is a path of
 * ours, but for one in another mount namespace is a path of its own.
 * -1 with *errnum 0: there is a file, but it is another one.
 */
static int open_by_path(pid_t pid, const struct mapping *m, int *errnum)
{
	_cleanup_close_ int root = open_root(pid);
	_cleanup_close_ int theirs = -1, ours = -1;
	int ret = -1;

	*errnum = errno;
	if (root >= 0) {
		theirs = open_path_only(root, m->path, RESOLVE_IN_ROOT);
		*errnum = errno;
	}
	ours = open_path_only(AT_FDCWD, m->path, 0);
	if (theirs >= 0 || ours >= 0)
		*errnum = 0;
	if (theirs >= 0 && is_mapped_file(theirs, m))
		ret = reopen_to_read(theirs);
	else if (ours >= 0 && is_mapped_file(ours, m))
		ret = reopen_to_read(ours);
	else
		return -1;
	*errnum = errno;
	return ret;
}

struct hs_error *file_open_mapping(pid_t pid, const struct mapping *m, int *ret)
{
	struct hs_error *err;
	int fd, errnum = 0;

	if (!mapping_has_file(m))
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "no file is mapped at 0x%llx",
				    (unsigned long long)m->start);
	fd = open_map_file(pid, m);
	if (fd < 0)
		fd = open_exe(pid, m);
	if (fd < 0)
		fd = open_by_path(pid, m, &errnum);
	if (fd >= 0) {
		*ret = fd;
		return NULL;
	}
	if (errnum)
		err = hs_error_sys(HS_ERROR_NOT_FOUND, errnum,
				   "cannot open '%s' of process %d", m->path,
				   (int)pid);
	else
		err = hs_error_new(HS_ERROR_NOT_FOUND,
				   "'%s' is not the file that process %d has "
				   "mapped",
				   m->path, (int)pid);
	return hs_error_hint(err, "a replaced or deleted file can be read with "
				  "CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE");
}

struct hs_error *file_open_in_root(pid_t pid, const char *path, int flags,
				   mode_t mode, int *ret)
{
	/* openat2(2) refuses a mode where nothing is created. */
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = (flags & (O_CREAT | O_TMPFILE)) ? mode : 0,
		.resolve = RESOLVE_IN_ROOT,
	};
	_cleanup_close_ int root = open_root(pid);
	long fd = -1;

	if (root >= 0)
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (fd < 0)
		return hs_error_sys(errno == ENOENT ? HS_ERROR_NOT_FOUND
						    : HS_ERROR_SYSTEM,
				    errno, "cannot open '%s' of process %d",
				    path, (int)pid);
	*ret = (int)fd;
	return NULL;
}

int file_open_below(const char *root, const char *path)
{
	_cleanup_close_ int dir = -1, fd = -1;

	dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	fd = open_path_only(dir, path, RESOLVE_IN_ROOT);
	if (fd < 0)
		return -1;
	if (!is_regular(fd)) {
		errno = EINVAL;
		return -1;
	}
	return reopen_to_read(fd);
}
