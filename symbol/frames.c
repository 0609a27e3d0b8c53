#include "symbol/frames.h"

#include <stdlib.h>

#include "base/array.h"

void frame_list_release(struct frame_list *list)
{
	free(list->items);
	*list = (struct frame_list){ 0 };
}

struct hs_error *frame_list_add(struct frame_list *list,
				struct symbol_frame frame)
{
	if (!ARRAY_GROW(list->items, list->cap, list->n + 1))
		return hs_error_nomem();
	list->items[list->n++] = frame;
	return NULL;
}
