#include "symbol/debug_paths.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

enum debug_root debug_paths_root_of(const struct debug_paths *debug_paths,
				    const struct elf_file *file)
{
	return debug_paths->open && !file->here ? DEBUG_ROOT_OTHER
						: DEBUG_ROOT_THIS;
}

bool debug_paths_real(const struct debug_paths *debug_paths,
		      const struct elf_file *file, char *ret)
{
	ssize_t n;

	if (debug_paths_root_of(debug_paths, file) == DEBUG_ROOT_OTHER)
		return debug_paths->path_of(debug_paths->arg, file->fd, ret);
	n = readlink(io_link(file->fd).text, ret, PATH_MAX);
	if (n <= 0 || n == PATH_MAX)
		return false;
	ret[n] = '\0';
	return true;
}

struct hs_error *debug_paths_open(const struct debug_paths *debug_paths,
				  enum debug_root root, const char *path,
				  struct elf_file **ret)
{
	struct hs_error *err;
	int fd;

	*ret = NULL;
	if (root == DEBUG_ROOT_THIS) {
		err = elf_file_open_path(path, ret);
		if (*ret)
			(*ret)->here = true;
		return err;
	}
	fd = debug_paths->open ? debug_paths->open(debug_paths->arg, path) : -1;
	if (fd < 0)
		return NULL;
	err = elf_file_open(fd, path, ret);
	if (!err || hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	hs_error_free(err);
	*ret = NULL;
	return NULL;
}
