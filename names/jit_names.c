#include "names/jit_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbol/perf_map.h"

/* Memory that may hold JIT code: anonymous, or from memfd_create(2) or
 * shm_open(3). */
static bool is_made(const struct heap_profile *p,
		    const struct heap_location *location)
{
	const struct heap_module *m;

	if (location->n_names || location->module == HEAP_NO_MODULE)
		return false;
	m = &p->modules[location->module];
	return !m->n_segments && !m->build_id && strcmp(m->path, "[vdso]") &&
	       strcmp(m->path, "[vsyscall]");
}

/* Indices in p->locations, ascending by address. */
static size_t find_made(const struct heap_profile *p, struct perf_name *names,
			size_t *indices)
{
	size_t i, n = 0;

	for (i = 0; i < p->n_locations; i++) {
		if (!is_made(p, &p->locations[i]))
			continue;
		names[n].address = p->locations[i].address;
		indices[n++] = i;
	}
	return n;
}

static struct hs_error *take_names(struct heap_profile *p,
				   const struct perf_name *names,
				   const size_t *indices, size_t n)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < n && !err; i++) {
		const struct heap_name name = { .function = names[i].name };

		if (name.function)
			err = heap_profile_set_names(p, indices[i], &name, 1);
	}
	return err;
}

static struct hs_error *read_names(const struct file_source *source,
				   const struct monitor *monitor,
				   struct perf_name *names, size_t n)
{
	_cleanup_close_ int fd = -1;
	struct hs_error *err = source->open_perf_map(source->arg, &fd);

	if (!err && fd >= 0)
		err = perf_map_read(fd, "perf map", names, n);
	/* What was read may be of older code. */
	if (err)
		perf_names_release(names, n);
	if (err && hs_error_code(err) != HS_ERROR_NOMEM) {
		monitor_warn(monitor, err);
		err = NULL;
	}
	return err;
}

struct hs_error *jit_names_add(const struct file_source *source,
			       const struct monitor *monitor,
			       struct heap_profile *p)
{
	struct perf_name *names = calloc(p->n_locations + 1, sizeof(*names));
	_cleanup_free_ size_t *indices =
		calloc(p->n_locations + 1, sizeof(*indices));
	struct hs_error *err = NULL;
	size_t n = 0;

	if (!names || !indices)
		err = hs_error_nomem();
	else
		n = find_made(p, names, indices);
	if (n)
		err = read_names(source, monitor, names, n);
	if (!err)
		err = take_names(p, names, indices, n);
	perf_names_release(names, n);
	free(names);
	return err;
}
