#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/strbuf.h"

struct hs_error *new_file_error(int errnum, const char *path)
{
	struct hs_error *err = hs_error_sys(HS_ERROR_SYSTEM, errnum,
					    "cannot write '%s'", path);

	switch (errnum) {
	case ENOSPC:
	case EDQUOT:
		return hs_error_hint(err,
				     "free some space, or use another folder");
	case EFBIG:
		return hs_error_hint(err, "the limit on file sizes is too "
					  "small: ulimit -f");
	case EACCES:
	case EPERM:
	case EROFS:
		return hs_error_hint(err, "use a folder that you may write to");
	case ENOENT:
	case ENOTDIR:
		return hs_error_hint(err, "its folder must exist");
	default:
		return err;
	}
}

/* The folder of @path with its slash, then @name. */
static struct hs_error *beside(const char *path, const char *name, char **ret)
{
	struct strbuf sb = { 0 };
	const char *slash = strrchr(path, '/');

	if (slash)
		strbuf_add(&sb, path, (size_t)(slash - path) + 1);
	strbuf_adds(&sb, name);
	return strbuf_finish(&sb, ret);
}

static struct hs_error *open_hidden(struct new_file *f)
{
	struct hs_error *err;

	err = beside(f->path, ".heapsnap-XXXXXX", &f->temporary);
	if (err)
		return err;
	f->fd = mkostemp(f->temporary, O_CLOEXEC); /* O_EXCL, mode 0600 */
	if (f->fd >= 0)
		return NULL;
	err = new_file_error(errno, f->path);
	free(take_ptr(f->temporary));
	return err;
}

struct hs_error *new_file_open(const char *path, struct new_file *ret)
{
	_cleanup_free_ char *folder = NULL;
	struct hs_error *err;
	struct stat st;

	*ret = (struct new_file){ .fd = -1 };
	/* As root, a rename would replace /dev/stdout by a file. */
	if (!lstat(path, &st) && !S_ISREG(st.st_mode))
		return hs_error_new(HS_ERROR_SYSTEM,
				    "cannot write '%s': not a regular file",
				    path);
	err = beside(path, ".", &folder);
	if (err)
		return err;
	ret->path = strdup(path);
	if (!ret->path)
		return hs_error_nomem();
	ret->fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (ret->fd < 0)
		err = open_hidden(ret);
	if (err)
		new_file_discard(ret);
	return err;
}

/* A file without a name gets @name; 0 or errno. */
static int give_name(const struct new_file *f, const char *name)
{
	const struct io_link link = io_link(f->fd);

	return linkat(AT_FDCWD, link.text, AT_FDCWD, name, AT_SYMLINK_FOLLOW)
		       ? errno
		       : 0;
}

/* The same with a hidden name that nobody can have taken before. */
static int give_hidden_name(struct new_file *f)
{
	uint64_t number;
	char name[40];
	int errnum;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return errno;
	snprintf(name, sizeof(name), ".heapsnap-%016" PRIx64, number);
	hs_error_free(beside(f->path, name, &f->temporary));
	if (!f->temporary)
		return ENOMEM;
	errnum = give_name(f, f->temporary);
	/* What is not ours is not to be removed. */
	if (errnum)
		free(take_ptr(f->temporary));
	return errnum;
}

/* linkat(2) replaces no file: so link a hidden name first, which rename(2) then
 * moves. */
static int replace(struct new_file *f)
{
	int errnum;

	if (!f->temporary) {
		errnum = give_name(f, f->path);
		if (errnum != EEXIST)
			return errnum;
		errnum = give_hidden_name(f);
		if (errnum)
			return errnum;
	}
	if (rename(f->temporary, f->path))
		return errno;
	free(take_ptr(f->temporary));
	return 0;
}

/* Network file systems report a full disk only when a descriptor is closed
 * (close(2), "Dealing with error returns"): closes a copy, so that the file is
 * named only after that. */
static int flush(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 || close(copy) ? errno : 0;
}

struct hs_error *new_file_commit(struct new_file *f)
{
	struct hs_error *err = NULL;
	int errnum = flush(f->fd);

	if (!errnum)
		errnum = replace(f);
	if (errnum)
		err = new_file_error(errnum, f->path);
	new_file_discard(f);
	return err;
}

void new_file_discard(struct new_file *f)
{
	if (f->temporary)
		unlink(f->temporary);
	if (f->fd >= 0)
		close(f->fd);
	free(f->temporary);
	free(f->path);
	*f = (struct new_file){ .fd = -1 };
}
