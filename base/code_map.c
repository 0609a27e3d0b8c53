#include "base/code_map.h"

#include <stdlib.h>

const struct code_frame *code_frames_find(const struct code_frames *frames,
					  uint64_t pc)
{
	size_t low = 0, high = frames->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (frames->items[mid].start <= pc)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &frames->items[low - 1] : NULL;
}

void code_map_release(struct code_map *map)
{
	free(map->unsafe.items);
	free(map->frames.items);
	*map = (struct code_map){ 0 };
}
