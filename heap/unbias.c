#include "heap/unbias.h"

#include <math.h>

/* @n objects, each of which is seen with probability @seen. */
static struct heap_counts estimate(uint64_t n, uint64_t bytes, double seen)
{
	struct heap_counts c = { .samples = n };

	c.objects = (double)n / seen;
	c.bytes = (double)bytes / seen;
	c.bytes_variance = c.bytes * c.bytes * (1.0 - seen) / (double)n;
	return c;
}

struct heap_counts heap_unbias(uint64_t n, uint64_t bytes, uint64_t period)
{
	double seen = 1.0;

	/* Without samples nothing is known; an object without bytes, which no
	 * allocator returns, could never have been sampled. */
	if (!n || !bytes)
		return (struct heap_counts){ 0 };
	/* expm1(): 1 - exp(-x) has no digits left for small objects. */
	if (period > 1)
		seen = -expm1(-(double)bytes / (double)n / (double)period);
	return estimate(n, bytes, seen);
}

struct heap_counts heap_unbias_uniform(uint64_t n, uint64_t bytes,
				       uint64_t most)
{
	double share;

	if (!n || !bytes)
		return (struct heap_counts){ 0 };
	share = (double)bytes / (double)n / (double)most;
	/* 1 - (1 - share)^2 */
	return estimate(n, bytes, share < 1 ? share * (2 - share) : 1.0);
}

struct heap_counts heap_counts_of_estimate(double objects, double bytes,
					   uint64_t period)
{
	struct heap_counts c = { .objects = objects, .bytes = bytes };
	double seen, samples = objects;

	if (!(bytes > 0))
		return c;
	if (period > 1 && objects > 0) {
		seen = -expm1(-bytes / objects / (double)period);
		/* Whatever there is was seen at least once. */
		samples = fmax(objects * seen, 1);
		c.bytes_variance = bytes * bytes * (1 - seen) / samples;
	} else if (period > 1) {
		samples = fmax(bytes / (double)period, 1);
		c.bytes_variance = bytes * (double)period;
	}
	/* Without objects, and exact: as many as one can be sure of. */
	c.samples = (uint64_t)llround(fmax(samples, 1));
	return c;
}

void heap_counts_add(struct heap_counts *a, const struct heap_counts *b)
{
	a->objects += b->objects;
	a->bytes += b->bytes;
	a->bytes_variance += b->bytes_variance;
	a->samples += b->samples;
}

double heap_counts_change_error(const struct heap_counts *a,
				const struct heap_counts *b, double since)
{
	const double most = a->bytes_variance + b->bytes_variance;
	const double change = b->bytes_variance - a->bytes_variance;
	double freed = since - change, v = since;

	if (since < 0)
		return sqrt(most);
	/* With mixed sizes the variances are not quite in proportion. */
	if (freed > 0)
		v += freed;
	return sqrt(fmin(fmax(v, fabs(change)), most));
}
