#include "symbol/debug_paths.h"

#include <stdlib.h>

struct hs_error *debug_paths_open(const struct debug_paths *debug_paths,
				  enum debug_root root, const char *path,
				  struct elf_file **ret)
{
	struct hs_error *err;
	int fd;

	*ret = NULL;
	if (root == DEBUG_ROOT_THIS)
		return elf_file_open_path(path, ret);
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
