#include "attach/code.h"

#include <stdlib.h>

void code_map_release(struct code_map *map)
{
	free(map->ranges);
	*map = (struct code_map){ 0 };
}
