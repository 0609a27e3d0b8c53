#include "output/unsampled.h"

#include <math.h>

#include "heap/calibrate.h"
#include "heap/unbias.h"

/* What all rows had in a snapshot is taken from what was live in it. The counter
 * has what came before profiling as well: only differences mean something. */
void unsampled_points(const struct heap_profile *const *profiles,
		      const struct heap_counts *counts, size_t n, size_t rows,
		      struct heap_counts *points)
{
	double least = INFINITY;
	size_t i, t;

	for (t = 0; t < n; t++) {
		points[t] = (struct heap_counts){ 0 };
		for (i = 0; i < rows; i++)
			heap_counts_add(&points[t], &counts[i * n + t]);
		points[t].bytes =
			heap_live_bytes(&profiles[t]->meta) - points[t].bytes;
		points[t].objects = 0;
		points[t].samples = 0;
		least = fmin(least, points[t].bytes);
	}
	for (t = 0; t < n; t++)
		points[t].bytes -= least;
}

struct hs_error *unsampled_row(struct row_builder *b,
			       const struct heap_changes *changes,
			       struct row **ret)
{
	*ret = NULL;
	if (!llround(heap_changes_rest(changes)->bytes))
		return NULL;
	return row_builder_unsampled(b, ret);
}
