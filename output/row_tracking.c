#include "output/row_tracking.h"

#include "heap/diff.h"
#include "heap/unbias.h"

void row_track(const struct rows *rows, struct row *row, bool after,
	       const struct heap_counts *allocated)
{
	if (rows->tracked)
		row->since += after ? allocated->bytes_variance
				    : -allocated->bytes_variance;
}

bool row_tracking_possible(const struct heap_profile *before,
			   const struct heap_profile *after)
{
	struct heap_counts was = { 0 }, is = { 0 };
	size_t i;

	if (!before->allocated || !after->allocated ||
	    before->sample_period != after->sample_period ||
	    !before->meta.start_time || !after->meta.start_time ||
	    !heap_same_address_space(before, after))
		return false;
	for (i = 0; i < before->n_stacks; i++)
		heap_counts_add(&was, &before->allocated[i]);
	for (i = 0; i < after->n_stacks; i++)
		heap_counts_add(&is, &after->allocated[i]);
	return is.bytes >= was.bytes;
}
