#include "proc/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "proc/file.h"

/* include/uapi/linux/magic.h, PID_FS_MAGIC. Before Linux 6.9 all pidfds of the
 * machine share one inode. */
enum { PIDFS = 0x50494446 };

/* Opens the file to lock. Our own open file description makes a lock of another
 * session of this process count as well. */
static struct hs_error *open_process(const struct identity *id, int *ret)
{
	struct statfs fs;
	char path[32];

	*ret = (int)syscall(SYS_pidfd_open, id->pid, 0);
	if (*ret >= 0 && !fstatfs(*ret, &fs) && fs.f_type == PIDFS)
		return NULL;
	if (*ret >= 0)
		close(*ret);
	snprintf(path, sizeof(path), "/proc/%d", (int)id->pid);
	*ret = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret < 0)
		return hs_error_sys(HS_ERROR_GONE, errno, "cannot open '%s'",
				    path);
	return NULL;
}

/* Finds the holder in /proc/locks, proc(5): "1: FLOCK ADVISORY WRITE 42
 * 00:05:647 0 EOF". 0: unknown, as for a process that we cannot see. */
static uint64_t find_holder(int fd)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *unread;
	const char *at, *start;
	char inode[64];
	uint64_t pid = 0;
	struct stat st;
	size_t len;

	if (fstat(fd, &st))
		return 0;
	snprintf(inode, sizeof(inode), " %02x:%02x:%ju ", major(st.st_dev),
		 minor(st.st_dev), (uintmax_t)st.st_ino);
	unread = file_read_proc("/proc/locks", &text, &len);
	if (unread) {
		hs_error_free(unread);
		return 0;
	}
	at = strstr(text, inode);
	if (!at)
		return 0;
	for (start = at; start > text && start[-1] != ' ';)
		start--;
	return parse_u64(start, (size_t)(at - start), &pid) ? pid : 0;
}

static struct hs_error *busy(int fd)
{
	uint64_t holder = find_holder(fd);
	struct hs_error *err;

	if (holder)
		err = hs_error_new(HS_ERROR_DENIED,
				   "another heapsnap (process %" PRIu64
				   ") is at work on it",
				   holder);
	else
		err = hs_error_new(HS_ERROR_DENIED,
				   "another heapsnap is at work on it");
	return hs_error_hint(err, "it is waited for as long as --timeout says: "
				  "try again when it has ended");
}

struct hs_error *process_lock(const struct identity *id,
			      const struct deadline *d, int *ret)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	_cleanup_close_ int fd = -1;
	struct hs_error *err = open_process(id, &fd);

	while (!err && flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return hs_error_sys(HS_ERROR_SYSTEM, errno,
					    "cannot lock process %d",
					    (int)id->pid);
		err = deadline_check(d);
		if (!err)
			nanosleep(&pause, NULL);
	}
	if (err && hs_error_code(err) == HS_ERROR_TIMEOUT) {
		hs_error_free(err);
		return busy(fd);
	}
	if (!err)
		*ret = take_fd(fd);
	return err;
}
