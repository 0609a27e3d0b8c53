#include "proc/disk_files.h"

#include <errno.h>
#include <fcntl.h>

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
	if (sysroot)
		*ret = file_open_below(sysroot, file->path);
	else
		*ret = open(file->path,
			    O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*ret >= 0)
		return NULL;
	return hs_error_sys(HS_ERROR_NOT_FOUND, errno, "cannot open '%s%s'",
			    sysroot ? sysroot : "", file->path);
}

static int open_path(const void *arg, const char *path)
{
	return arg ? file_open_below(arg, path) : -1;
}

struct file_source disk_files(const char *sysroot)
{
	return (struct file_source){
		.open_module = open_module,
		.open_path = open_path,
		.arg = sysroot,
	};
}
