#include "heap/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "heap/origin.h"

/* " WORD"; NULL is "-". */
static void add_word(struct strbuf *sb, const char *s)
{
	strbuf_addc(sb, ' ');
	if (!s)
		strbuf_addc(sb, '-');
	else if (!strcmp(s, "-"))
		strbuf_adds(sb, "\\-");
	else
		escape_word(sb, s, strlen(s));
}

static void add_origin_field(struct strbuf *sb, const struct heap_origin *o,
			     const struct heap_origin_field *field)
{
	const void *at = (const char *)o + field->offset;
	const char *text = NULL;
	char number[32];

	switch (field->kind) {
	case HEAP_ORIGIN_TEXT:
		text = *(const char *const *)at;
		break;
	case HEAP_ORIGIN_NUMBER:
		if (*(const int64_t *)at >= 0)
			text = number;
		snprintf(number, sizeof(number), "%" PRId64,
			 *(const int64_t *)at);
		break;
	case HEAP_ORIGIN_TICKS:
		if (*(const uint64_t *)at > 0)
			text = number;
		snprintf(number, sizeof(number), "%" PRIu64,
			 *(const uint64_t *)at);
		break;
	case HEAP_ORIGIN_FLAG:
		if (*(const int *)at >= 0)
			text = *(const int *)at ? "1" : "0";
		break;
	}
	if (!text)
		return;
	strbuf_addf(sb, "# heapsnap %s", field->key);
	add_word(sb, text);
	strbuf_addc(sb, '\n');
}

static void add_module(struct strbuf *sb, const struct heap_module *m,
		       size_t number)
{
	size_t i;

	strbuf_addf(sb, "# heapsnap module %zu", number);
	add_word(sb, m->build_id);
	strbuf_addf(sb, " %d ", m->allocator);
	if (!m->n_segments)
		strbuf_addc(sb, '-');
	for (i = 0; i < m->n_segments; i++)
		strbuf_addf(sb, "%s0x%" PRIx64 "+0x%" PRIx64 "@0x%" PRIx64,
			    i ? "," : "", m->segments[i].offset,
			    m->segments[i].size, m->segments[i].address);
	add_word(sb, m->path);
	strbuf_addc(sb, '\n');
}

static void add_names(struct strbuf *sb, const struct heap_profile *p,
		      const struct heap_location *location)
{
	size_t i;

	for (i = 0; i < location->n_names; i++) {
		const struct heap_name *name = &p->names[location->names + i];

		strbuf_addf(sb, "# heapsnap name 0x%" PRIx64,
			    location->address);
		add_word(sb, name->function);
		add_word(sb, name->file);
		strbuf_addf(sb, " %" PRIu32 " %d\n", name->line, name->inlined);
	}
}

void heap_snapshot_lines(struct strbuf *sb, const struct heap_profile *p)
{
	size_t i;

	strbuf_adds(sb, "# heapsnap 1\n");
	for (i = 0; i < HEAP_ORIGIN_FIELDS; i++)
		add_origin_field(sb, &p->origin, &heap_origin_fields[i]);
	for (i = 0; i < p->n_modules; i++)
		add_module(sb, &p->modules[i], i);
	for (i = 0; i < p->n_locations; i++)
		add_names(sb, p, &p->locations[i]);
	strbuf_adds(sb, "# heapsnap end\n");
}

static struct hs_error *write_error(int errnum, const char *path)
{
	struct hs_error *err = hs_error_sys(HS_ERROR_SYSTEM, errnum,
					    "cannot write '%s'", path);

	switch (errnum) {
	case ENOSPC:
	case EDQUOT:
		return hs_error_hint(err, "free some space, or keep snapshots "
					  "in another folder");
	case EFBIG:
		return hs_error_hint(err, "the limit on file sizes is too "
					  "small: ulimit -f");
	case EACCES:
	case EPERM:
	case EROFS:
		return hs_error_hint(err, "keep snapshots in a folder that "
					  "you may write to");
	case ENOENT:
	case ENOTDIR:
		return hs_error_hint(err, "its folder must exist");
	default:
		return err;
	}
}

/* 0, or errno. */
static int write_all(int fd, const char *s, size_t len)
{
	while (len) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

/* 0, or errno. Takes @fd. */
static int write_parts(int fd, const char *text, size_t len,
		       const struct strbuf *lines)
{
	int errnum = write_all(fd, text, len);

	if (!errnum)
		errnum = write_all(fd, lines->buf, lines->len);
	/* Some file systems tell only now that there was no space (NFS). */
	if (close(fd) && !errnum)
		errnum = errno;
	return errnum;
}

/* A name in the folder of @path, for mkostemp(). */
static struct hs_error *temporary_name(const char *path, char **ret)
{
	struct strbuf sb = { 0 };
	const char *slash = strrchr(path, '/');

	strbuf_add(&sb, path, slash ? (size_t)(slash - path) + 1 : 0);
	strbuf_adds(&sb, ".heapsnap-XXXXXX");
	return strbuf_finish(&sb, ret);
}

struct hs_error *heap_snapshot_write(const char *path, const char *text,
				     size_t len, const struct heap_profile *p)
{
	_cleanup_strbuf_ struct strbuf lines = { 0 };
	_cleanup_free_ char *temporary = NULL;
	struct hs_error *err;
	struct stat st;
	int fd, errnum;

	/* As root, a rename would put a file in place of /dev/stdout. */
	if (!lstat(path, &st) && !S_ISREG(st.st_mode))
		return hs_error_new(HS_ERROR_SYSTEM,
				    "cannot write '%s': not a regular file",
				    path);
	heap_snapshot_lines(&lines, p);
	err = strbuf_check(&lines);
	if (!err)
		err = temporary_name(path, &temporary);
	if (err)
		return err;
	/* O_EXCL and mode 0600 are mkostemp()'s own: a profile tells of a
	 * program's secrets, such as its command line. */
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return write_error(errno, path);
	errnum = write_parts(fd, text, len, &lines);
	if (!errnum && rename(temporary, path))
		errnum = errno;
	if (!errnum)
		return NULL;
	unlink(temporary);
	return write_error(errnum, path);
}
