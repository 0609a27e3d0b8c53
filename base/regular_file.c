#include "base/regular_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/io.h"

bool regular_file_is(int fd)
{
	struct statfs fs;
	struct stat st;

	/* Files below /sys say that they have a page. */
	return !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 &&
	       !fstatfs(fd, &fs) && fs.f_type != SYSFS_MAGIC;
}

int regular_file_reopen(int found)
{
	if (!regular_file_is(found)) {
		errno = EINVAL;
		return -1;
	}
	return open(io_link(found).text, O_RDONLY | O_CLOEXEC);
}

int regular_file_open(const char *path)
{
	_cleanup_close_ int found = open(path, O_PATH | O_CLOEXEC);

	return found < 0 ? -1 : regular_file_reopen(found);
}
