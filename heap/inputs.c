#include "heap/inputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "heap/format/read.h"

void heap_inputs_release(struct heap_inputs *inputs)
{
	size_t i;

	for (i = 0; i < inputs->n; i++) {
		heap_profile_release(&inputs->profiles[i]);
		cleanup_close(&inputs->fds[i]);
	}
	free(inputs->profiles);
	free(inputs->order);
	free(inputs->fds);
	*inputs = (struct heap_inputs){ 0 };
}

/* Far below the 1,024 descriptors that a process usually may have. */
enum { MOST_OPEN = 512 };

static bool is_regular(const char *path)
{
	struct stat st;

	return strcmp(path, "-") && !stat(path, &st) && S_ISREG(st.st_mode);
}

struct hs_error *heap_inputs_open(struct heap_inputs *inputs,
				  const char *const *paths, size_t n)
{
	struct hs_error *err = NULL;
	size_t i;

	inputs->profiles = calloc(n, sizeof(*inputs->profiles));
	inputs->order = calloc(n, sizeof(*inputs->order));
	inputs->fds = calloc(n, sizeof(*inputs->fds));
	if (!inputs->profiles || !inputs->order || !inputs->fds)
		return hs_error_nomem();
	inputs->n = n;
	inputs->paths = paths;
	for (i = 0; i < n; i++) {
		heap_profile_init(&inputs->profiles[i]);
		inputs->order[i] = &inputs->profiles[i];
		inputs->fds[i] = -1;
	}
	for (i = 0; !err && i < n && i < MOST_OPEN; i++) {
		if (is_regular(paths[i]))
			err = heap_open_file(paths[i], &inputs->fds[i]);
	}
	return err;
}

static struct hs_error *read_one(struct heap_inputs *inputs, size_t i,
				 const struct heap_selection *selection,
				 const struct monitor *monitor)
{
	_cleanup_close_ int fd = take_fd(inputs->fds[i]);
	struct hs_error *err = NULL;

	if (fd < 0)
		err = heap_open_file(inputs->paths[i], &fd);
	if (!err)
		err = heap_selection_read(selection, monitor, fd,
					  inputs->paths[i],
					  &inputs->profiles[i]);
	return err;
}

struct hs_error *heap_inputs_read(struct heap_inputs *inputs,
				  const struct heap_selection *selection,
				  const struct monitor *monitor)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < inputs->n; i++)
		err = read_one(inputs, i, selection, monitor);
	return err;
}
