#include "cli/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"

/* The file is replaced at the end; until then the old one stays. */
static struct hs_error *open_temporary(struct sink *sink, int *ret)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	strbuf_addf(&sb, "%s.XXXXXX", sink->path);
	err = strbuf_finish(&sb, &sink->temporary);
	if (err)
		return err;
	*ret = mkostemp(sink->temporary, O_CLOEXEC); /* mode 0600 */
	if (*ret < 0) {
		err = hs_error_sys(HS_ERROR_SYSTEM, errno, "cannot create '%s'",
				   sink->path);
		free(take_ptr(sink->temporary));
		return err;
	}
	return NULL;
}

struct hs_error *sink_open(struct sink *sink, const char *path)
{
	_cleanup_close_ int fd = -1;
	struct hs_error *err;
	struct stat st;

	*sink = (struct sink){ .path = path };
	if (!path) {
		sink->f = stdout;
		return NULL;
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return hs_error_sys(HS_ERROR_SYSTEM, errno,
					    "cannot open '%s'", path);
	} else {
		err = open_temporary(sink, &fd);
		if (err)
			return err;
	}
	sink->f = fdopen(fd, "w");
	if (!sink->f) {
		err = hs_error_sys(HS_ERROR_SYSTEM, errno, "cannot open '%s'",
				   path);
		if (sink->temporary)
			unlink(sink->temporary);
		free(take_ptr(sink->temporary));
		return err;
	}
	fd = -1;
	return NULL;
}

static struct hs_error *write_error(const struct sink *sink, int errnum)
{
	if (!sink->path)
		return hs_error_sys(HS_ERROR_SYSTEM, errnum,
				    "cannot write to standard output");
	return hs_error_sys(HS_ERROR_SYSTEM, errnum, "cannot write '%s'",
			    sink->path);
}

/* stdout is closed too: network file systems tell of a full disk only then. */
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

/* What writes a report does not know what it writes to. */
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

	/* Of two errors of one stream the first one tells why. */
	if (err) {
		hs_error_free(last);
		err = name_stream(sink, err);
	} else {
		err = last;
	}
	if (!err && sink->temporary && rename(sink->temporary, sink->path) < 0)
		err = hs_error_sys(HS_ERROR_SYSTEM, errno, "cannot create '%s'",
				   sink->path);
	if (err && sink->temporary)
		unlink(sink->temporary);
	free(take_ptr(sink->temporary));
	return err;
}
