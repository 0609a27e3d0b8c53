#include "proc/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/regular_file.h"
#include "proc/file.h"
#include "proc/proc_path.h"

/*
 * Is @fd the mapped file? /proc/PID/maps has the device of the super block;
 * stat(2) returns another one on btrfs (one per subvolume) and on overlayfs
 * (one per layer; and before Linux 6.8 maps had that of the lower file).
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

/* Does the link @path name the mapping's file? It has the same text as maps,
 * but without escapes. */
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
 * accept it only when the inode or, where overlayfs has two numbers for one
 * file, the path agrees. */
static int open_map_file(pid_t pid, const struct mapping *m)
{
	_cleanup_close_ int fd = -1;
	const struct proc_path path = proc_path(
		pid, "map_files/%" PRIx64 "-%" PRIx64, m->start, m->end);

	fd = file_find(AT_FDCWD, path.text);
	if (fd < 0)
		return -1;
	if (!is_mapped_file(fd, m) &&
	    !(regular_file_is(fd) && link_has_path(path.text, m)))
		return -1;
	return regular_file_reopen(fd);
}

static int open_exe(pid_t pid, const struct mapping *m)
{
	_cleanup_close_ int fd =
		file_find(AT_FDCWD, proc_path(pid, "exe").text);

	return fd >= 0 && is_mapped_file(fd, m) ? regular_file_reopen(fd) : -1;
}

/* What is left of @path below the folder that is process @pid's "/", where both
 * are as this process sees them; NULL: it is not there. */
static const char *path_below_root(pid_t pid, const char *path)
{
	char root[PATH_MAX];
	ssize_t n = readlink(proc_path(pid, "root").text, root, sizeof(root));

	if (n <= 1 || strncmp(path, root, (size_t)n) || path[n] != '/')
		return NULL;
	return path + n;
}

/*
 * The path in maps is relative to the reader's root. So for a target that has
 * only changed its root it is a path of ours, for one in another mount
 * namespace a path of its own, and for one that has done both there is its root
 * in front. -1 with *errnum 0: there is a file, but it is another one.
 */
static int open_by_path(pid_t pid, const struct mapping *m, int *errnum)
{
	const char *below = path_below_root(pid, m->path);
	_cleanup_close_ int root = file_open_root(pid);
	_cleanup_close_ int theirs = -1, inner = -1, ours = -1;
	size_t i;

	*errnum = errno;
	if (root >= 0) {
		theirs = file_find_in_root(root, m->path);
		*errnum = errno;
	}
	if (root >= 0 && below)
		inner = file_find_in_root(root, below);
	ours = file_find(AT_FDCWD, m->path);
	const int found[] = { theirs, inner, ours };
	for (i = 0; i < ARRAY_SIZE(found); i++) {
		int ret;

		if (found[i] < 0)
			continue;
		*errnum = 0;
		if (!is_mapped_file(found[i], m))
			continue;
		ret = regular_file_reopen(found[i]);
		*errnum = errno;
		return ret;
	}
	return -1;
}

struct hs_error *mapped_file_open(pid_t pid, const struct mapping *m, int *ret)
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
	return hs_error_hint(
		err, "a file that was replaced or deleted, or is outside "
		     "of its root, can be read with CAP_SYS_ADMIN or "
		     "CAP_CHECKPOINT_RESTORE");
}
