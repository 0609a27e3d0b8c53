#include "mallctl/dump_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "proc/environment.h"
#include "proc/file.h"
#include "proc/proc_path.h"
#include "proc/status.h"

/* --- folders --------------------------------------------------------------- */

static struct hs_error *folders_add(struct dump_folders *folders,
				    const char *path, size_t len)
{
	char *copy;

	if (folders->n == ARRAY_SIZE(folders->paths) || path[0] != '/' ||
	    len >= DUMP_FILE_PATH - 64)
		return NULL;
	copy = strndup(path, len);
	if (!copy)
		return hs_error_nomem();
	folders->paths[folders->n++] = copy;
	return NULL;
}

/* TMPDIR of the environment that the program was started with. */
static struct hs_error *add_tmpdir(const struct session *s,
				   struct dump_folders *folders)
{
	hs_cleanup(environment_release) struct environment e = { 0 };
	struct hs_error *unread = environment_read(s->id->pid, &e);
	const char *path = environment_get(&e, "TMPDIR");

	hs_error_free(unread); /* one folder less */
	return path ? folders_add(folders, path, strlen(path)) : NULL;
}

/* The kernel reports paths from our root: removes the prefix that is the
 * target's root. */
static struct hs_error *add_working_folder(const struct session *s,
					   struct dump_folders *folders)
{
	const pid_t pid = s->id->pid;
	char cwd[PATH_MAX] = "", root[PATH_MAX] = "";
	size_t len;

	if (readlink(proc_path(pid, "cwd").text, cwd, sizeof(cwd) - 1) < 0)
		return NULL;
	if (readlink(proc_path(pid, "root").text, root, sizeof(root) - 1) < 0)
		return NULL;
	len = strcmp(root, "/") ? strlen(root) : 0;
	if (strncmp(cwd, root, len))
		return NULL;
	return folders_add(folders, cwd + len, strlen(cwd + len));
}

struct hs_error *dump_folders_find(const struct session *s,
				   struct dump_folders *ret)
{
	static const char *const usual[] = { "/tmp", "/var/tmp", "/dev/shm" };
	struct hs_error *err;
	size_t i;

	*ret = (struct dump_folders){ 0 };
	err = add_tmpdir(s, ret);
	for (i = 0; i < ARRAY_SIZE(usual) && !err; i++)
		err = folders_add(ret, usual[i], strlen(usual[i]));
	if (!err)
		err = add_working_folder(s, ret);
	if (err)
		dump_folders_release(ret);
	return err;
}

void dump_folders_release(struct dump_folders *folders)
{
	while (folders->n)
		free(folders->paths[--folders->n]);
}

/* --- the user -------------------------------------------------------------- */

/* Files are created and removed with the rights of the target's thread: so it
 * can open them, they belong to it from the first moment on, and we do nothing
 * for it that it may not do itself. Its user may not exist where we are root,
 * so that root could not create files in its file systems. */
struct file_user {
	uid_t uid;
	gid_t gid;
	int old_uid, old_gid;
};

static struct hs_error *file_user_become(const struct session *s,
					 struct file_user *ret)
{
	struct hs_error *err;
	struct status status;

	err = status_read_thread(s->id->pid, helper_tid(&s->helper), &status);
	if (err)
		return err;
	ret->uid = status.fsuid;
	ret->gid = status.fsgid;
	/* The group first: setting it needs a right that goes with the user. */
	ret->old_gid = setfsgid(ret->gid);
	ret->old_uid = setfsuid(ret->uid);
	return NULL;
}

static void file_user_return(const struct file_user *user)
{
	setfsuid((uid_t)user->old_uid);
	setfsgid((gid_t)user->old_gid);
}

/* --- files ----------------------------------------------------------------- */

/* One name per process: the start time distinguishes it from an earlier process
 * with the same pid. */
void dump_file_name(const struct session *s, char ret[DUMP_FILE_NAME])
{
	snprintf(ret, DUMP_FILE_NAME, ".heapsnap-dump.%d.%" PRIu64,
		 (int)s->id->pid, s->id->start_time);
}

static struct hs_error *failed(int errnum, const char *folder)
{
	return hs_error_sys(HS_ERROR_SYSTEM, errnum, "'%s'", folder);
}

/* Whoever may rename files there could make the target write to another file.
 * @user: the target's. */
static struct hs_error *check_owner(const struct session *s, int fd,
				    const char *folder, uid_t user)
{
	struct stat st, top;

	if (fstat(fd, &st) || stat(proc_path(s->id->pid, "root").text, &top))
		return failed(errno, folder);
	if ((st.st_uid == user || st.st_uid == 0 || st.st_uid == top.st_uid) &&
	    (!(st.st_mode & (S_IWGRP | S_IWOTH)) || st.st_mode & S_ISVTX))
		return NULL;
	return hs_error_new(HS_ERROR_SYSTEM,
			    "'%s': others may rename files there", folder);
}

/* With holes the file never occupies more than some hundred kilobytes. */
static struct hs_error *check_space(struct dump_file *file, const char *folder)
{
	const uint64_t least = 16 << 20, least_whole = 256 << 20;
	struct statvfs fs;
	uint64_t space;

	file->punches = !fallocate(
		file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096);
	if (fstatvfs(file->fd, &fs))
		return failed(errno, folder);
	space = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (space >= (file->punches ? least : least_whole))
		return NULL;
	return hs_error_new(HS_ERROR_SYSTEM,
			    "'%s': only %" PRIu64 " bytes are free", folder,
			    space);
}

static struct hs_error *create(struct dump_file *file, const char *folder,
			       uid_t user)
{
	struct stat st;

	if (unlinkat(file->folder, file->name, 0) && errno != ENOENT)
		return failed(errno, folder);
	file->fd = openat(file->folder, file->name,
			  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  0600);
	if (file->fd < 0 || fstat(file->fd, &st))
		return failed(errno, folder);
	if (st.st_uid != user || fchmod(file->fd, 0600))
		return failed(EPERM, folder);
	return check_space(file, folder);
}

static struct hs_error *open_folder(const struct session *s, const char *folder,
				    int *ret)
{
	struct hs_error *err;

	err = file_open_in_root(s->id->pid, folder,
				O_PATH | O_DIRECTORY | O_CLOEXEC, 0, ret);
	if (err && hs_error_errno(err)) {
		int errnum = hs_error_errno(err);

		hs_error_free(err);
		err = failed(errnum, folder);
	}
	return err;
}

struct hs_error *dump_file_make(const struct session *s, const char *folder,
				struct dump_file *ret)
{
	struct file_user user;
	struct hs_error *err;

	*ret = (struct dump_file){ .folder = -1, .fd = -1 };
	dump_file_name(s, ret->name);
	snprintf(ret->path, sizeof(ret->path), "%s/%s", folder, ret->name);
	err = open_folder(s, folder, &ret->folder);
	if (err)
		return err;
	err = file_user_become(s, &user);
	if (err)
		return err;
	err = check_owner(s, ret->folder, folder, user.uid);
	if (!err)
		err = create(ret, folder, user.uid);
	file_user_return(&user);
	return err;
}

struct hs_error *dump_file_remove(const struct session *s,
				  struct dump_file *file)
{
	struct hs_error *err = NULL;
	struct file_user user;

	if (file->fd >= 0) {
		err = file_user_become(s, &user);
		if (!err && unlinkat(file->folder, file->name, 0) &&
		    errno != ENOENT)
			err = hs_error_sys(HS_ERROR_SYSTEM, errno,
					   "cannot remove '%s'", file->path);
		if (!err)
			file_user_return(&user);
		close(file->fd);
	}
	if (file->folder >= 0)
		close(file->folder);
	file->fd = file->folder = -1;
	return err;
}

struct hs_error *dump_file_sweep(const struct session *s)
{
	struct dump_file file = { .folder = -1, .fd = -1 };
	struct dump_folders folders;
	struct file_user user;
	struct hs_error *err;
	size_t i;

	dump_file_name(s, file.name);
	err = dump_folders_find(s, &folders);
	if (err)
		return err;
	for (i = 0; i < folders.n && !err; i++) {
		_cleanup_close_ int folder = -1;

		err = open_folder(s, folders.paths[i], &folder);
		if (err && hs_error_code(err) != HS_ERROR_NOMEM) {
			hs_error_free(err);
			err = NULL;
			continue;
		}
		if (!err)
			err = file_user_become(s, &user);
		if (err)
			break;
		unlinkat(folder, file.name, 0);
		file_user_return(&user);
	}
	dump_folders_release(&folders);
	return err;
}
