#include "proc/disk_files.h"

#include <errno.h>

#include "base/regular_file.h"
#include "proc/file.h"
#include "proc/maps.h"

static struct hs_error *open_module(const void *arg,
				    const struct module_file *file, int *ret,
				    struct hs_error **warning)
{
	const char *sysroot = arg;

	(void)warning;
	if (!file->build_id && file->mapping && file->mapping->deleted)
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "'%s' was deleted or replaced while it was "
				    "in use, and its build-id is not known",
				    file->path);
	*ret = sysroot ? file_open_below(sysroot, file->path)
		       : regular_file_open(file->path);
	if (*ret >= 0)
		return NULL;
	if (errno == EINVAL)
		return hs_error_new(
			HS_ERROR_NOT_FOUND,
			"'%s%s' is no regular file: it is not opened",
			sysroot ? sysroot : "", file->path);
	return hs_error_sys(HS_ERROR_NOT_FOUND, errno, "cannot open '%s%s'",
			    sysroot ? sysroot : "", file->path);
}

static int open_path(const void *arg, const char *path)
{
	return file_open_below(arg, path);
}

static bool path_of(const void *arg, int fd, char *ret)
{
	return file_path_below(arg, fd, ret);
}

struct file_source disk_files(const char *sysroot)
{
	return (struct file_source){
		.open_module = open_module,
		.open_path = sysroot ? open_path : NULL,
		.path_of = path_of,
		.arg = sysroot,
	};
}
