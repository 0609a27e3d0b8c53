#include "symbol/cache/search_again.h"

#include "base/cleanup.h"

static struct file_stamp look(const struct search_step *step,
			      const struct debug_paths *debug_paths,
			      const char *name)
{
	unsigned where = step->where;
	_cleanup_close_ int fd = -1;

	if (where == DEBUG_ROOTS)
		return debug_paths_ask(debug_paths, step->path, name);
	if (where == DEBUG_ROOT_OTHER && !debug_paths->open)
		where = DEBUG_ROOT_THIS;
	fd = debug_paths_open_file(debug_paths, where, step->path);
	return file_stamp_read(fd);
}

bool search_again(const struct search_trace *t,
		  const struct debug_paths *debug_paths, const char *name)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct file_stamp now =
			look(&t->items[i], debug_paths, name);

		if (!file_stamp_equal(&now, &t->items[i].stamp))
			return false;
	}
	return true;
}
