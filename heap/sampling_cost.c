#include "heap/sampling_cost.h"

#include <math.h>

#include "heap/meta.h"

enum {
	PAGE = 4096,
	SMALL_MAX = 14336,   /* SC_SMALL_MAXCLASS with pages of 4 KiB */
	PROMOTED = 16 << 10, /* SC_LARGE_MINCLASS */
	RECORDS = 256,	     /* edata_t, leaves of the radix tree, samples */
};

void heap_sampling_count(const struct heap_profile *p, struct heap_meta *meta)
{
	double n = 0, bytes = 0;
	size_t i;

	for (i = 0; i < p->n_stacks; i++) {
		const struct heap_counts *c = &p->stacks[i].inuse;
		double size = c->objects > 0 ? c->bytes / c->objects : 0;

		if (size <= 0 || size > SMALL_MAX)
			continue;
		n += (double)c->samples;
		bytes += (double)c->samples * size;
	}
	/* A dump may have any numbers. */
	meta->sampled_small = n < 0x1p40 ? llround(n) : 0;
	meta->sampled_small_bytes = n < 0x1p40 ? llround(bytes) : 0;
}

struct heap_sampling_cost heap_sampling_cost(const struct heap_meta *meta)
{
	const int64_t n = meta->sampled_small;
	const int64_t bytes = meta->sampled_small_bytes;

	struct heap_sampling_cost cost = {
		.allocated = -bytes,
		.slack = 2 * PAGE * n,
		.metadata = RECORDS * n,
		/* Objects are written to; the pages in front are not. */
		.resident = 2 * PAGE * n,
	};

	if (heap_meta_is_recent(meta))
		return cost;
	cost.allocated = PROMOTED * n - bytes;
	cost.slack = PAGE * n;
	return cost;
}

double heap_sampling_class_cost(const struct heap_meta *meta, uint64_t size,
				double samples)
{
	if (!meta->sampled_small)
		return 0;
	if (size <= SMALL_MAX)
		return -samples * (double)size;
	if (size == PROMOTED && !heap_meta_is_recent(meta))
		return (double)meta->sampled_small * PROMOTED;
	return 0;
}
