#include "output/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"

/* The descriptor of the stream; the new file keeps its own. */
static struct hs_error *open_new(struct sink *sink, int *ret)
{
	struct hs_error *err = new_file_open(sink->path, &sink->file);

	if (err)
		return err;
	sink->whole = true;
	*ret = fcntl(sink->file.fd, F_DUPFD_CLOEXEC, 0);
	if (*ret >= 0)
		return NULL;
	err = new_file_error(errno, sink->path);
	new_file_discard(&sink->file);
	return err;
}

/* What lies in a folder of everybody's may be there to have us write into it. */
static bool is_of_others(const struct stat *st)
{
	return st->st_uid && st->st_uid != geteuid();
}

/* A pipe without a name (pipe(7)) is one that we were given: its owner is who
 * called sudo(8), for one. */
static bool is_foreign_fifo(int fd, const struct stat *st)
{
	struct statfs fs;

	return S_ISFIFO(st->st_mode) && is_of_others(st) &&
	       (fstatfs(fd, &fs) || fs.f_type != PIPEFS_MAGIC);
}

/* Opens what is no regular file, and nothing of it before it is known whose it
 * is. */
static struct hs_error *open_special(const char *path, int *ret)
{
	_cleanup_close_ int found = open(path, O_PATH | O_CLOEXEC);
	struct stat st, link;

	if (found < 0 || fstat(found, &st) || lstat(path, &link))
		return new_file_error(errno, path);
	if ((S_ISLNK(link.st_mode) && is_of_others(&link)) ||
	    is_foreign_fifo(found, &st))
		return hs_error_hint(
			hs_error_new(HS_ERROR_SYSTEM,
				     "cannot write '%s': it belongs to another "
				     "user",
				     path),
			"use a name in a folder of your own");
	*ret = open(io_link(found).text, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return *ret < 0 ? new_file_error(errno, path) : NULL;
}

struct hs_error *sink_open(struct sink *sink, const char *path, FILE *standard)
{
	_cleanup_close_ int fd = -1;
	struct hs_error *err = NULL;
	struct stat st;

	*sink = (struct sink){ .path = path };
	if (!path) {
		sink->f = standard;
		return NULL;
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		err = open_special(path, &fd);
	else
		err = open_new(sink, &fd);
	if (err)
		return err;
	sink->f = fdopen(fd, "w");
	if (sink->f) {
		fd = -1;
		return NULL;
	}
	err = new_file_error(errno, path);
	if (sink->whole)
		new_file_discard(&sink->file);
	return err;
}

struct hs_error *sink_check(const char *path)
{
	struct new_file file;
	struct hs_error *err;
	struct stat st;

	/* Opening a pipe would wait for its reader. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISDIR(st.st_mode))
		return NULL;
	err = new_file_open(path, &file);
	if (!err)
		new_file_discard(&file);
	return err;
}

static struct hs_error *write_error(const struct sink *sink, int errnum)
{
	if (!sink->path)
		return hs_error_sys(HS_ERROR_SYSTEM, errnum,
				    "cannot write to standard output");
	return new_file_error(errnum, sink->path);
}

/* Closes standard output, too: network file systems report a full disk only
 * then. */
static struct hs_error *close_stream(struct sink *sink)
{
	bool failed = fflush(sink->f) == EOF || ferror(sink->f);
	int errnum = errno;

	if (fclose(sink->f) == EOF && !failed) {
		failed = true;
		errnum = errno;
	}
	sink->f = NULL;
	return failed ? write_error(sink, errnum) : NULL;
}

/* Adds the path, which the report's writer does not know. */
static struct hs_error *name_stream(const struct sink *sink,
				    struct hs_error *err)
{
	int errnum = hs_error_errno(err);

	if (hs_error_code(err) != HS_ERROR_SYSTEM || !errnum)
		return err;
	hs_error_free(err);
	return write_error(sink, errnum);
}

struct hs_error *sink_close(struct sink *sink, struct hs_error *err)
{
	struct hs_error *last = close_stream(sink);

	/* Of two errors of one stream the first one has the cause. */
	if (err) {
		hs_error_free(last);
		err = name_stream(sink, err);
	} else {
		err = last;
	}
	if (!sink->whole)
		return err;
	if (!err)
		return new_file_commit(&sink->file);
	new_file_discard(&sink->file);
	return err;
}
