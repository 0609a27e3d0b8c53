#include "proc/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "proc/file.h"

/* A regular file without a link, where memfd @own of ours is. Shared memory
 * without a file is there, too (mm/shmem.c, shm_mnt): the name tells them
 * apart. */
static bool is_beside(int found, int own)
{
	struct statx st, memfd;

	return file_look(own, "", &memfd) && file_look(found, "", &st) &&
	       S_ISREG(st.stx_mode) && !st.stx_nlink &&
	       st.stx_dev_major == memfd.stx_dev_major &&
	       st.stx_dev_minor == memfd.stx_dev_minor;
}

/* On that device the kernel alone gives names. */
static bool has_name(int found, const char *name)
{
	char target[64] = "", wanted[64];

	snprintf(wanted, sizeof(wanted), "/memfd:%s (deleted)", name);
	return readlink(io_link(found).text, target, sizeof(target) - 1) > 0 &&
	       !strcmp(target, wanted);
}

int memfd_find(int dirfd, const char *path, const char *name)
{
	_cleanup_close_ int found = file_find(dirfd, path), own = -1;

	if (found >= 0)
		own = memfd_create("heapsnap", MFD_CLOEXEC);
	if (found < 0 || own < 0)
		return -1;
	if (is_beside(found, own) && has_name(found, name))
		return take_fd(found);
	errno = EBADF;
	return -1;
}

int memfd_open(int found)
{
	return open(io_link(found).text, O_RDWR | O_CLOEXEC);
}
