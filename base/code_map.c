#include "base/code_map.h"

#include <stdlib.h>

#include "base/search.h"

const struct code_frame *code_frames_find(const struct code_frames *frames,
					  uint64_t pc)
{
	const size_t n =
		search_sorted(frames->n, i, frames->items[i].start <= pc);

	return n ? &frames->items[n - 1] : NULL;
}

void code_map_release(struct code_map *map)
{
	free(map->unsafe.items);
	free(map->frames.items);
	*map = (struct code_map){ 0 };
}
