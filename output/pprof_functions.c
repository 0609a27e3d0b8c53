#include "output/pprof_functions.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void pprof_functions_release(struct pprof_functions *functions)
{
	free(functions->bare);
	free(functions->items);
	hash_index_release(&functions->index);
	*functions = (struct pprof_functions){ 0 };
}

static struct hs_error *number_bare(struct pprof_functions *functions,
				    struct pprof_function *f, bool *is_new)
{
	const size_t end = (size_t)f->name + 1, had = functions->n_bare;

	if (end > had) {
		if (!ARRAY_GROW(functions->bare, functions->bare_cap, end))
			return hs_error_nomem();
		memset(functions->bare + had, 0,
		       (end - had) * sizeof(*functions->bare));
		functions->n_bare = end;
	}
	*is_new = !functions->bare[f->name];
	if (*is_new)
		functions->bare[f->name] = ++functions->n;
	f->id = functions->bare[f->name];
	return NULL;
}

struct hs_error *pprof_functions_number(struct pprof_functions *functions,
					struct pprof_function *f, bool *is_new)
{
	struct hash h = hash_index_begin(&functions->index);
	struct hash_index_walk walk = { 0 };
	const struct pprof_function *item;
	uint64_t hash;

	if (!f->system_name && !f->file)
		return number_bare(functions, f, is_new);
	h = hash_mix_two(h, f->name, f->system_name);
	hash = hash_mix(h, f->file).value;
	*is_new = false;
	while (hash_index_next(&functions->index, hash, &walk)) {
		item = &functions->items[walk.value];
		f->id = item->id;
		if (item->name == f->name &&
		    item->system_name == f->system_name &&
		    item->file == f->file)
			return NULL;
	}
	if (!ARRAY_GROW(functions->items, functions->cap,
			functions->n_items + 1))
		return hs_error_nomem();
	*is_new = true;
	f->id = ++functions->n;
	functions->items[functions->n_items] = *f;
	return hash_index_add(&functions->index, hash,
			      (uint32_t)functions->n_items++);
}
