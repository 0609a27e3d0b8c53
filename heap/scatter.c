#include "heap/scatter.h"

#include <math.h>
#include <stdbool.h>

static double variance_of(const double *steps, size_t n, size_t without,
			  double *ret_mean)
{
	double sum = 0, squares = 0, count = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		sum += i == without ? 0 : steps[i];
		count += i != without;
	}
	*ret_mean = sum / count;
	for (i = 0; i < n; i++)
		if (i != without)
			squares +=
				(steps[i] - *ret_mean) * (steps[i] - *ret_mean);
	return squares / (count - 1);
}

static bool is_burst(double off, double variance, double df)
{
	const double most = 6 * (1 + 40 / (df * df));

	return off * off > most * most * variance;
}

struct heap_scatter heap_scatter_of(const double *steps, size_t n,
				    struct heap_scatter_floor floor)
{
	struct heap_scatter s = { .df = (double)n - 1 };
	double mean, rest, off;
	size_t i, worst = 0;

	if (n < 2)
		return (struct heap_scatter){ 0 };
	s.variance = variance_of(steps, n, n, &mean);
	for (i = 1; i < n; i++)
		if (fabs(steps[i] - mean) > fabs(steps[worst] - mean))
			worst = i;
	if (n >= 4) {
		rest = variance_of(steps, n, worst, &mean);
		off = steps[worst] - mean;
		rest = fmax(rest, floor.of_mean * fabs(mean) + floor.least);
		if (is_burst(off, rest, s.df - 1)) {
			s.variance = rest;
			s.df--;
		}
	}
	return s;
}
