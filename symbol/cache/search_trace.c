#include "symbol/cache/search_trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void search_trace_set_unsure(struct search_trace *t)
{
	if (t)
		t->unsure = true;
}

static const struct search_step *find_step(const struct search_trace *t,
					   unsigned where, const char *path)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->items[i].where == where &&
		    !strcmp(t->items[i].path, path))
			return &t->items[i];
	return NULL;
}

void search_trace_add(struct search_trace *t, unsigned where, const char *path,
		      struct file_stamp stamp)
{
	const struct search_step *had;
	char *copy;

	if (!t)
		return;
	had = find_step(t, where, path);
	if (had) {
		t->unsure |= !file_stamp_equal(&had->stamp, &stamp);
		return;
	}
	copy = t->n < SEARCH_STEPS_MAX ? strdup(path) : NULL;
	if (!copy || !ARRAY_GROW(t->items, t->cap, t->n + 1)) {
		free(copy);
		t->unsure = true;
		return;
	}
	t->items[t->n++] = (struct search_step){
		.where = (uint8_t)where,
		.path = copy,
		.stamp = stamp,
	};
}

void search_trace_release(struct search_trace *t)
{
	while (t->n)
		free(t->items[--t->n].path);
	free(t->items);
	*t = (struct search_trace){ 0 };
}
