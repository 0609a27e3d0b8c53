#include "symbol/debug_paths.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/regular_file.h"
#include "symbol/cache/search_trace.h"
#include "symbol/debuginfod.h"

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

int debug_paths_open_file(const struct debug_paths *debug_paths,
			  enum debug_root root, const char *path)
{
	if (root == DEBUG_ROOT_THIS)
		return regular_file_open(path);
	return debug_paths->open ? debug_paths->open(debug_paths->arg, path)
				 : -1;
}

/* What somebody may write to while it is read can be another file under the
 * same stamp. */
static void check_sure(const struct debug_paths *debug_paths,
		       const struct elf_file *file)
{
	if (file && file->copy)
		search_trace_set_unsure(debug_paths->trace);
}

struct hs_error *debug_paths_open(const struct debug_paths *debug_paths,
				  enum debug_root root, const char *path,
				  struct elf_file **ret)
{
	struct hs_error *err;
	int fd;

	*ret = NULL;
	if (root == DEBUG_ROOT_OTHER && !debug_paths->open)
		return NULL;
	fd = debug_paths_open_file(debug_paths, root, path);
	search_trace_add(debug_paths->trace, root, path, file_stamp_read(fd));
	if (fd < 0)
		return NULL;
	err = elf_file_open(fd, path, ret);
	if (err && hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	if (err)
		*ret = NULL;
	hs_error_free(err);
	if (*ret)
		(*ret)->here = root == DEBUG_ROOT_THIS;
	check_sure(debug_paths, *ret);
	return NULL;
}

struct hs_error *debug_paths_fetch(const struct debug_paths *debug_paths,
				   const char *build_id, const char *name,
				   struct elf_file **ret)
{
	struct hs_error *err;

	*ret = NULL;
	if (!debug_paths->servers)
		return NULL;
	err = debuginfod_find(debug_paths->servers, DEBUGINFOD_DEBUGINFO,
			      build_id, name, ret);
	if (err)
		return err;
	search_trace_add(debug_paths->trace, DEBUG_ROOTS, build_id,
			 file_stamp_read(*ret ? (*ret)->fd : -1));
	check_sure(debug_paths, *ret);
	return NULL;
}

struct file_stamp debug_paths_ask(const struct debug_paths *debug_paths,
				  const char *build_id, const char *name)
{
	struct file_stamp stamp = { { 0 } };
	struct elf_file *file = NULL;

	if (debug_paths->servers)
		hs_error_free(debuginfod_find(debug_paths->servers,
					      DEBUGINFOD_DEBUGINFO, build_id,
					      name, &file));
	if (file)
		stamp = file_stamp_read(file->fd);
	elf_file_close(file);
	return stamp;
}
