#include "heap/inputs.h"

#include <stdlib.h>

void heap_inputs_release(struct heap_inputs *inputs)
{
	size_t i;

	for (i = 0; inputs->profiles && i < inputs->n; i++)
		heap_profile_release(&inputs->profiles[i]);
	free(inputs->profiles);
	free(inputs->order);
	*inputs = (struct heap_inputs){ 0 };
}

struct hs_error *heap_inputs_read(struct heap_inputs *inputs,
				  const struct heap_selection *selection,
				  const struct monitor *monitor,
				  const char *const *paths, size_t n)
{
	struct hs_error *err = NULL;
	size_t i;

	inputs->profiles = calloc(n, sizeof(*inputs->profiles));
	inputs->order = calloc(n, sizeof(*inputs->order));
	if (!inputs->profiles || !inputs->order)
		return hs_error_nomem();
	inputs->n = n;
	for (i = 0; i < n; i++) {
		heap_profile_init(&inputs->profiles[i]);
		inputs->order[i] = &inputs->profiles[i];
	}
	for (i = 0; !err && i < n; i++)
		err = heap_selection_read(selection, monitor, paths[i],
					  &inputs->profiles[i]);
	return err;
}
