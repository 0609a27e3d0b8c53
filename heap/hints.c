#include "heap/hints.h"

#include <math.h>

#include "heap/meta.h"
#include "heap/sampling_cost.h"

enum {
	PROMOTED = 16 << 10, /* SC_LARGE_MINCLASS with pages of 4 KiB */
	FEW_SAMPLES = 100,
	WANTED_SAMPLES = 1000,
	LG_SAMPLE_MIN = 12,
	LITTLE = 1 << 20,
};

/* jemalloc's count and the profile differ by more than chance makes them. */
static bool differ(const struct heap_profile *p, double by)
{
	double error = sqrt(p->total.bytes_variance);
	/* Each process may have a little that its profile has not. */
	int64_t n = p->meta.processes > 0 ? p->meta.processes : 1;

	by = fabs(by);
	return by >= (double)(n * LITTLE) &&
	       by > (double)p->meta.allocated / 10 && by >= 4 * error;
}

static enum heap_hint_kind why_less(const struct heap_profile *p, int64_t less)
{
	double promoted = (double)p->total.samples * PROMOTED;

	if (!differ(p, (double)less))
		return HEAP_HINT_NONE;
	if (less < 0)
		return HEAP_HINT_MORE;
	/* What is left beside a cause that is known may be chance. */
	return differ(p, fmax((double)less - promoted, 0)) ? HEAP_HINT_UNSEEN
							   : HEAP_HINT_DENSE;
}

static int wanted_lg_sample(int64_t allocated)
{
	int lg = 0;

	while (lg < 62 && INT64_C(2) << lg <= allocated / WANTED_SAMPLES)
		lg++;
	return lg < LG_SAMPLE_MIN ? LG_SAMPLE_MIN : lg;
}

/* Those on the profile beside jemalloc's own count. */
static unsigned count_hints(const struct heap_profile *p,
			    struct heap_hint ret[HEAP_HINTS_MAX])
{
	int64_t allocated = p->meta.allocated;
	struct heap_hint hint = { .samples = p->total.samples };
	unsigned n = 0;

	if (allocated < 0)
		return 0;
	hint.bytes = allocated - llround(p->total.bytes);
	/* 5.3.1 does not count sampled objects, and gives them one page. */
	if (heap_meta_is_recent(&p->meta))
		hint.bytes -= heap_sampling_cost(&p->meta).allocated;
	if (p->meta.tcache > 0) /* free, but counted */
		hint.bytes -= p->meta.tcache;
	hint.kind = why_less(p, hint.bytes);
	if (hint.kind != HEAP_HINT_NONE)
		ret[n++] = hint;
	hint.kind = HEAP_HINT_COARSE;
	hint.lg_sample = wanted_lg_sample(allocated);
	/* A profile without any samples is not a sign of coarse sampling. */
	if (!(n && ret[0].kind == HEAP_HINT_UNSEEN) && p->sample_period > 1 &&
	    hint.samples < FEW_SAMPLES && allocated > LITTLE &&
	    p->sample_period > UINT64_C(1) << hint.lg_sample)
		ret[n++] = hint;
	return n;
}

unsigned heap_hints(const struct heap_profile *p,
		    struct heap_hint ret[HEAP_HINTS_MAX])
{
	struct heap_hint hint = {
		.kind = HEAP_HINT_RUNTIME,
		.samples = p->total.samples,
		.runtime = heap_runtime_find(p),
	};
	unsigned n = count_hints(p, ret);

	if (hint.runtime.runtime != RUNTIME_NONE)
		ret[n++] = hint;
	return n;
}
