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

/* What is judged. */
struct points {
	const struct heap_counts *counts;
	size_t n, n_stacks;
	struct noise noise;
	const struct heap_change *change; /* NULL: not estimated */
};

/* The most by which a point is above (@sign 1) or below (-1) an earlier one. */
struct move {
	double bytes; /* not negative */
	bool sure;
};

static struct move most_move(const struct points *p, double sign)
{
	const struct heap_counts *counts = p->counts;
	const struct noise *noise = &p->noise;
	const double z =
		sqrt(4 * log((double)p->n) + 1 + 2 * log((double)p->n_stacks));
	struct move most = { 0 };
	size_t i, from = 0, a = 0, b = 0;
	double by;

	for (i = 1; i < p->n; i++) {
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

static bool is_noise(const struct heap_trend *trend, const struct points *p)
{
	return p->change ? !p->change->significant
			 : fabs(trend->slope) <= 3 * trend->error;
}

/* Of what grew: all at once, or on and on. */
static enum heap_verdict judge_growth(const struct heap_trend *trend,
				      const struct points *p, double rise)
{
	double step = 0;
	size_t i;

	for (i = 1; i < p->n; i++)
		step = fmax(step, p->counts[i].bytes - p->counts[i - 1].bytes);
	if (step >= 0.8 * rise || 2 * trend->grew <= trend->steps)
		return HEAP_STEP;
	return HEAP_STEADY;
}

static enum heap_verdict judge(const struct heap_trend *trend,
			       const struct points *p)
{
	const struct move rise = most_move(p, 1);
	const struct move fall = most_move(p, -1);

	if (rise.bytes <= 0 && fall.bytes <= 0)
		return HEAP_FLAT;
	if (!rise.sure && !fall.sure) {
		if (is_noise(trend, p))
			return HEAP_NOISE;
		if (trend->slope < 0)
			return HEAP_SHRINKING;
		return p->change ? judge_growth(trend, p, rise.bytes)
				 : HEAP_STEADY;
	}
	if (rise.sure && fall.sure && fall.bytes >= rise.bytes / 2 &&
	    rise.bytes >= fall.bytes / 2)
		return HEAP_CYCLES;
	if (fall.bytes > rise.bytes)
		return HEAP_SHRINKING;
	return judge_growth(trend, p, rise.bytes);
}

/* The estimated change, over all of the time, where that is surer. */
static void improve_slope(struct heap_trend *trend, double time,
			  const struct heap_change *change)
{
	if (!(time > 0) ||
	    (change->error / time >= trend->error && !change->significant))
		return;
	trend->slope = change->bytes / time;
	trend->error = change->error / time;
}

static struct heap_trend trend_of(const double *times, const struct points *p)
{
	struct heap_trend trend = { .steps = p->n - 1 };
	size_t i;

	for (i = 1; i < p->n; i++)
		trend.grew += p->counts[i].bytes > p->counts[i - 1].bytes;
	fit_slope(&trend, times, p->counts, p->n, &p->noise);
	if (p->change && p->noise.least > 0)
		improve_slope(&trend, times[p->n - 1] - times[0], p->change);
	trend.verdict = judge(&trend, p);
	return trend;
}

struct heap_trend heap_trend_of(const double *times,
				const struct heap_counts *counts, size_t n)
{
	return heap_trend_of_stack(times, counts, n, NULL, 1);
}

struct heap_trend
heap_trend_of_stack(const double *times, const struct heap_counts *counts,
		    size_t n, const struct heap_change *change, size_t n_stacks)
{
	const struct points points = {
		.counts = counts,
		.n = n,
		.n_stacks = n_stacks,
		.noise = noise_of(counts, n),
		.change = change,
	};

	return trend_of(times, &points);
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
