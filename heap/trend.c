#include "heap/trend.h"

#include <math.h>
#include <stdbool.h>

/* A line through the points, over the time since @middle. */
struct line {
	double middle, level, slope;
	double error; /* of the slope, by the weights alone */
};

/* The variance of a point: @ratio times the value, at least @least. Both are 0
 * for exact numbers. */
struct noise {
	double ratio, least;
};

static struct noise noise_of(const struct heap_counts *counts, size_t n)
{
	double variance = 0, bytes = 0, one;
	struct noise noise = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		variance += counts[i].bytes_variance;
		bytes += counts[i].bytes;
		if (!counts[i].samples)
			continue;
		one = counts[i].bytes_variance / (double)counts[i].samples;
		if (one > noise.least)
			noise.least = one;
	}
	if (bytes > 0)
		noise.ratio = variance / bytes;
	return noise;
}

static double noise_variance(const struct noise *noise, double value)
{
	return fmax(noise->ratio * value, noise->least);
}

static double line_at(const struct line *line, double time)
{
	return line->level + line->slope * (time - line->middle);
}

/* @before: gives the weights, with @noise; NULL: all weigh 1. */
static struct line fit(const double *times, const struct heap_counts *counts,
		       size_t n, const struct line *before,
		       const struct noise *noise)
{
	double w, t, sum = 0, times_sum = 0, values_sum = 0, tt = 0, tv = 0;
	struct line line = { 0 };
	int pass;
	size_t i;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < n; i++) {
			w = before ? 1 / noise_variance(noise,
							line_at(before,
								times[i]))
				   : 1;
			t = times[i] - line.middle;
			if (pass) {
				tt += w * t * t;
				tv += w * t * (counts[i].bytes - line.level);
				continue;
			}
			sum += w;
			times_sum += w * times[i];
			values_sum += w * counts[i].bytes;
		}
		line.middle = times_sum / sum;
		line.level = values_sum / sum;
	}
	if (tt > 0) {
		line.slope = tv / tt;
		line.error = sqrt(1 / tt);
	}
	return line;
}

/* The root of chi^2 per degree of freedom. */
static double scatter(const double *times, const struct heap_counts *counts,
		      size_t n, const struct line *line,
		      const struct noise *noise)
{
	double sum = 0, off;
	size_t i;

	for (i = 0; i < n; i++) {
		off = counts[i].bytes - line_at(line, times[i]);
		sum += off * off /
		       (noise ? noise_variance(noise, line_at(line, times[i]))
			      : 1);
	}
	return n > 2 ? sqrt(sum / (double)(n - 2)) : 0;
}

static void fit_slope(struct heap_trend *trend, const double *times,
		      const struct heap_counts *counts, size_t n,
		      const struct noise *noise)
{
	struct line line = fit(times, counts, n, NULL, NULL);

	if (noise->least > 0) {
		line = fit(times, counts, n, &line, noise);
		trend->error = line.error *
			       fmax(1, scatter(times, counts, n, &line, noise));
	} else {
		trend->error =
			line.error * scatter(times, counts, n, &line, NULL);
	}
	trend->slope = line.slope;
}

/* The most by which a point is above (@sign 1) or below (-1) an earlier one. */
struct move {
	double bytes; /* not negative */
	bool sure;
};

static struct move most_move(const struct heap_counts *counts, size_t n,
			     double sign, const struct noise *noise)
{
	const double z = sqrt(4 * log((double)n) + 1);
	struct move most = { 0 };
	size_t i, from = 0, a = 0, b = 0;
	double by;

	for (i = 1; i < n; i++) {
		by = sign * (counts[i].bytes - counts[from].bytes);
		if (by < 0)
			from = i;
		if (by <= most.bytes)
			continue;
		most.bytes = by;
		a = from;
		b = i;
	}
	most.sure = most.bytes > 0 &&
		    most.bytes >=
			    z * sqrt(noise_variance(noise, counts[a].bytes) +
				     noise_variance(noise, counts[b].bytes));
	return most;
}

static enum heap_verdict judge(const struct heap_trend *trend,
			       const struct heap_counts *counts, size_t n,
			       const struct noise *noise)
{
	const struct move rise = most_move(counts, n, 1, noise);
	const struct move fall = most_move(counts, n, -1, noise);
	double step = 0;
	size_t i;

	if (rise.bytes <= 0 && fall.bytes <= 0)
		return HEAP_FLAT;
	if (!rise.sure && !fall.sure) {
		if (fabs(trend->slope) <= 3 * trend->error)
			return HEAP_NOISE;
		return trend->slope < 0 ? HEAP_SHRINKING : HEAP_STEADY;
	}
	if (rise.sure && fall.sure && fall.bytes >= rise.bytes / 2 &&
	    rise.bytes >= fall.bytes / 2)
		return HEAP_CYCLES;
	if (fall.bytes > rise.bytes)
		return HEAP_SHRINKING;
	for (i = 1; i < n; i++)
		step = fmax(step, counts[i].bytes - counts[i - 1].bytes);
	if (step >= 0.8 * rise.bytes || 2 * trend->grew <= trend->steps)
		return HEAP_STEP;
	return HEAP_STEADY;
}

struct heap_trend heap_trend_of(const double *times,
				const struct heap_counts *counts, size_t n)
{
	const struct noise noise = noise_of(counts, n);
	struct heap_trend trend = { .steps = n - 1 };
	size_t i;

	for (i = 1; i < n; i++)
		trend.grew += counts[i].bytes > counts[i - 1].bytes;
	fit_slope(&trend, times, counts, n, &noise);
	trend.verdict = judge(&trend, counts, n, &noise);
	return trend;
}

const char *heap_verdict_name(enum heap_verdict verdict)
{
	static const char *const names[] = {
		[HEAP_FLAT] = "flat",	  [HEAP_NOISE] = "noise",
		[HEAP_CYCLES] = "cycles", [HEAP_SHRINKING] = "shrinking",
		[HEAP_STEP] = "step",	  [HEAP_STEADY] = "steady leak",
	};

	return names[verdict];
}
