#include "target/mapped_elf.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "proc/file.h"
#include "proc/mapped_file.h"
#include "proc/memory.h"
#include "symbol/image.h"

static bool is_vdso(const struct mapping *m)
{
	return !strcmp(m->path, "[vdso]");
}

bool mapped_is_elf(const struct mapping *m)
{
	return mapping_has_file(m) || is_vdso(m);
}

/* The vdso is two to four pages, which include its sections. */
static struct hs_error *copy_vdso(pid_t pid, const struct mapping *m, int *ret)
{
	enum { VDSO_MAX = 1 << 20 };
	_cleanup_free_ void *copy = NULL;
	_cleanup_close_ int fd = -1;
	size_t size = m->end - m->start;
	struct hs_error *err;

	if (size > VDSO_MAX)
		return hs_error_new(HS_ERROR_INPUT, "its vdso is too large");
	copy = malloc(size);
	if (!copy)
		return hs_error_nomem();
	err = memory_read(pid, m->start, copy, size);
	if (err)
		return err;
	fd = memfd_create("heapsnap-vdso", MFD_CLOEXEC);
	if (fd < 0 || pwrite(fd, copy, size, 0) != (ssize_t)size)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot copy the vdso");
	*ret = take_fd(fd);
	return NULL;
}

static struct hs_error *read_target(void *arg, uint64_t address, void *buf,
				    size_t len)
{
	return memory_read(*(const pid_t *)arg, address, buf, len);
}

/* The mapping of the same file that has its first byte. */
static const struct mapping *find_header(const struct maps *maps,
					 const struct mapping *m)
{
	size_t i;

	for (i = 0; i < maps->n; i++)
		if (maps->items[i].offset == 0 && maps->items[i].read &&
		    mapping_same_file(&maps->items[i], m))
			return &maps->items[i];
	return NULL;
}

struct hs_error *mapped_open(pid_t pid, const struct maps *maps,
			     const struct mapping *m, int *ret,
			     struct hs_error **warning)
{
	const struct mapping *header;
	struct hs_error *err, *no_image;

	if (warning)
		*warning = NULL;
	if (is_vdso(m))
		return copy_vdso(pid, m, ret);
	err = mapped_file_open(pid, m, ret);
	header = err ? find_header(maps, m) : NULL;
	if (!header)
		return err;
	no_image = image_copy(read_target, &pid, header->start, m->path, ret);
	hs_error_free(no_image);
	if (no_image)
		return err;
	if (warning)
		*warning = hs_error_wrap(
			err, "only exported functions of '%s' have names",
			m->path);
	else
		hs_error_free(err);
	return NULL;
}
