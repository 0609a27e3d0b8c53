#include "cli/live.h"

#include <stdio.h>
#include <string.h>

#include "mallctl/mapped.h"
#include "proc/file.h"

static struct hs_error *open_module(void *arg, const struct heap_profile *p,
				    uint32_t module, int *ret)
{
	const struct identity *id = arg;
	const char *path = p->modules[module].path;
	size_t i;

	for (i = 0; i < p->maps.n; i++) {
		const struct mapping *m = &p->maps.items[i];

		if (mapped_is_elf(m) && !strcmp(m->path, path))
			return mapped_open(id->pid, &p->maps, m, ret);
	}
	return hs_error_new(HS_ERROR_NOT_FOUND, "'%s' is not mapped", path);
}

int live_open_path(void *arg, const char *path)
{
	const struct identity *id = arg;
	char root[64];

	snprintf(root, sizeof(root), "/proc/%d/root", (int)id->pid);
	return file_open_below(root, path);
}

struct resolve_source live_source(const struct identity *id)
{
	return (struct resolve_source){
		.open_module = open_module,
		.open_path = live_open_path,
		.arg = (void *)(uintptr_t)id,
		.live = true,
	};
}
