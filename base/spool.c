#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"
#include "base/io.h"

static void unmap(struct spool *sp)
{
	if (sp->mapped)
		munmap(sp->mapped, sp->mapped_len);
	sp->mapped = NULL;
}

void spool_release(struct spool *sp)
{
	unmap(sp);
	if (sp->on_disk)
		close(sp->fd);
	strbuf_release(&sp->memory);
	*sp = (struct spool){ .most_memory = sp->most_memory };
}

/* A new file in folder @dir that has lost its name already, or -1 and errno. */
static int open_unnamed(const char *dir)
{
	char path[PATH_MAX];
	int fd, n = snprintf(path, sizeof(path), "%s/heapsnap.XXXXXX", dir);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static struct hs_error *put(const struct spool *sp, const void *data,
			    size_t len)
{
	int errnum = io_write(sp->fd, data, len);

	return errnum ? hs_error_sys(HS_ERROR_SYSTEM, errnum,
				     "cannot write to a temporary file")
		      : NULL;
}

/* What is in memory goes to a file first. */
static struct hs_error *move_to_disk(struct spool *sp)
{
	const char *const dirs[] = { secure_getenv("TMPDIR"), "/var/tmp",
				     "/tmp" };
	struct hs_error *err;
	int fd = -1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs) && fd < 0; i++)
		if (dirs[i])
			fd = open_unnamed(dirs[i]);
	if (fd < 0)
		return hs_error_hint(
			hs_error_sys(HS_ERROR_SYSTEM, errno,
				     "cannot make a file for what is too large "
				     "for memory"),
			"set TMPDIR to a folder that can be written to");
	sp->on_disk = true;
	sp->fd = fd;
	err = put(sp, strbuf_str(&sp->memory), sp->memory.len);
	strbuf_release(&sp->memory);
	return err;
}

struct hs_error *spool_add(struct spool *sp, const void *data, size_t len)
{
	const size_t most = sp->most_memory ? sp->most_memory : SPOOL_MEMORY;
	struct hs_error *err = NULL;

	unmap(sp);
	if (!sp->on_disk && len > most - sp->len)
		err = move_to_disk(sp);
	if (!err && sp->on_disk)
		err = put(sp, data, len);
	if (!err && !sp->on_disk) {
		strbuf_add(&sp->memory, data, len);
		err = strbuf_check(&sp->memory);
	}
	if (!err)
		sp->len += len;
	return err;
}

struct hs_error *spool_adds(struct spool *sp, const char *s)
{
	return spool_add(sp, s, strlen(s));
}

static struct hs_error *map(struct spool *sp)
{
	void *at;

	/* The NUL: a byte of a hole behind the end. */
	if (ftruncate(sp->fd, (off_t)sp->len) ||
	    ftruncate(sp->fd, (off_t)sp->len + 1))
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot end a temporary file");
	at = mmap(NULL, sp->len + 1, PROT_READ | PROT_WRITE, MAP_SHARED, sp->fd,
		  0);
	if (at == MAP_FAILED)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot map a temporary file");
	sp->mapped = at;
	sp->mapped_len = sp->len + 1;
	return NULL;
}

struct hs_error *spool_text(struct spool *sp, char **ret)
{
	struct hs_error *err;

	if (sp->on_disk) {
		err = sp->mapped ? NULL : map(sp);
		*ret = sp->mapped;
		return err;
	}
	strbuf_add(&sp->memory, "", 0);
	err = strbuf_check(&sp->memory);
	*ret = sp->memory.buf;
	return err;
}

void spool_cut(struct spool *sp, size_t len)
{
	sp->len = len;
	if (sp->on_disk) {
		lseek(sp->fd, (off_t)len, SEEK_SET);
		if (sp->mapped)
			sp->mapped[len] = '\0';
		return;
	}
	sp->memory.len = len;
	if (sp->memory.buf)
		sp->memory.buf[len] = '\0';
}
