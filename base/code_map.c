#include "base/code_map.h"

#include <stdlib.h>

const struct code_frame *code_map_frame(const struct code_map *map, uint64_t pc)
{
	size_t low = 0, high = map->n_frames;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (map->frames[mid].start <= pc)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &map->frames[low - 1] : NULL;
}

void code_map_release(struct code_map *map)
{
	free(map->ranges);
	free(map->frames);
	*map = (struct code_map){ 0 };
}
