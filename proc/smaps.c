#include "proc/smaps.h"

#include <stdlib.h>

void smaps_release(struct smaps *s)
{
	maps_release(&s->maps);
	free(s->items);
	*s = (struct smaps){ 0 };
}
