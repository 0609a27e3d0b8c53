#include "proc/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "proc/file.h"
#include "proc/proc_path.h"

/* Where root's locks are, the first that can be. */
static const char *const root_folders[] = { "/run/heapsnap",
					    "/dev/shm/heapsnap" };

struct lock_name {
	char text[64];
};

static struct lock_name name_of(const struct identity *id)
{
	struct lock_name name;

	snprintf(name.text, sizeof(name.text), "%d-%" PRIu64, (int)id->pid,
		 id->start_time);
	return name;
}

/* A folder of root's own, into which nobody else can write, or -1. */
static int open_folder(const char *path)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (mkdir(path, 0700) && errno != EEXIST)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || st.st_uid != 0 ||
	    st.st_mode & (S_IWGRP | S_IWOTH))
		return -1;
	return take_fd(fd);
}

static bool open_roots(const struct identity *id, struct process_lock *ret)
{
	const struct lock_name name = name_of(id);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(root_folders); i++) {
		_cleanup_close_ int folder = open_folder(root_folders[i]);

		if (folder < 0)
			continue;
		ret->fd = openat(folder, name.text,
				 O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
				 0600);
		if (ret->fd < 0)
			continue;
		ret->folder = take_fd(folder);
		return true;
	}
	return false;
}

/* Opens the file to lock. Our own open file description makes a lock of another
 * session of this process count as well. */
static struct hs_error *open_lock(const struct identity *id,
				  struct process_lock *ret)
{
	struct proc_path path = proc_path(id->pid, "mem");

	*ret = PROCESS_UNLOCKED;
	if (!geteuid() && open_roots(id, ret))
		return NULL;
	ret->fd = open(path.text, O_RDONLY | O_CLOEXEC);
	if (ret->fd >= 0)
		return NULL;
	/* It cannot be attached to either: preflight() will say why. */
	path = proc_path(id->pid, "%s", "");
	ret->fd = open(path.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->fd < 0)
		return hs_error_sys(HS_ERROR_GONE, errno, "cannot open '%s'",
				    path.text);
	return NULL;
}

static void close_lock(struct process_lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	if (lock->folder >= 0)
		close(lock->folder);
	*lock = PROCESS_UNLOCKED;
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

/* @fd: of the file that another one has locked. */
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

/* The file still has its name: who held the lock before removes that. */
static bool is_there(const struct process_lock *lock)
{
	struct stat st;

	return lock->folder < 0 || (!fstat(lock->fd, &st) && st.st_nlink);
}

/* Waits until @fd is locked. */
static struct hs_error *wait_locked(const struct identity *id, int fd,
				    const struct deadline *d)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct hs_error *err = NULL;

	while (!err && flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return hs_error_sys(HS_ERROR_SYSTEM, errno,
					    "cannot lock process %d",
					    (int)id->pid);
		err = deadline_check(d);
		if (!err)
			nanosleep(&pause, NULL);
	}
	if (!err || hs_error_code(err) != HS_ERROR_TIMEOUT)
		return err;
	hs_error_free(err);
	return busy(fd);
}

struct hs_error *process_lock(const struct identity *id,
			      const struct deadline *d,
			      struct process_lock *ret)
{
	struct hs_error *err;

	for (;;) {
		err = open_lock(id, ret);
		if (err)
			return err;
		err = wait_locked(id, ret->fd, d);
		if (!err && is_there(ret))
			return NULL;
		close_lock(ret);
		if (err)
			return err;
	}
}

void process_unlock(const struct identity *id, struct process_lock *lock)
{
	/* Under the lock: the name is that of this file. */
	if (lock->folder >= 0)
		unlinkat(lock->folder, name_of(id).text, 0);
	close_lock(lock);
}
