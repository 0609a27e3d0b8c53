#include "output/unsampled.h"

#include <math.h>

#include "heap/calibrate.h"
#include "heap/unbias.h"

/* What all rows had in a snapshot is taken from what was live in it. The counter
 * has what came before profiling as well: only differences mean something. */
void unsampled_points(const struct heap_change_input *in,
		      struct heap_counts *points)
{
	double least = INFINITY;
	size_t i, t;

	for (t = 0; t < in->n; t++) {
		points[t] = (struct heap_counts){ 0 };
		for (i = 0; i < in->n_stacks; i++)
			heap_counts_add(&points[t],
					heap_change_point(in, i, t));
		points[t].bytes = heap_live_bytes(&in->profiles[t]->meta) -
				  points[t].bytes;
		points[t].objects = 0;
		points[t].samples = 0;
		least = fmin(least, points[t].bytes);
	}
	for (t = 0; t < in->n; t++)
		points[t].bytes -= least;
}

bool unsampled_is_any(const struct heap_changes *changes)
{
	return llround(heap_changes_rest(changes)->bytes) != 0;
}
