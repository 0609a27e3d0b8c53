#include "heap/time_left.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "heap/calibrate.h"
#include "heap/probability.h"

/* Further away than this, a rate of seconds says nothing. */
#define FAR_SECONDS (365.0 * 86400)

/* jemalloc gives each small allocation that it samples a page run of its own,
 * and counts that: how many are sampled is chance. */
#define SAMPLED_RUN 16384.0

struct points {
	double *times;	/* owned; seconds */
	double *values; /* owned; bytes */
	size_t n;
};

struct slope {
	double rate, error; /* a second */
	bool sure;	    /* it grows, and goes on */
};

/* More than half of the steps have a part in the growth, a quarter of their
 * share or more, and none has most of it: a burst may lie in two of them. */
static bool goes_on(const struct points *p)
{
	double grown = p->values[p->n - 1] - p->values[0];
	size_t steps = p->n - 1, grew = 0, i;
	double most = 0, step;

	for (i = 1; i < p->n; i++) {
		step = p->values[i] - p->values[i - 1];
		most = fmax(most, step);
		grew += step >= grown / (double)steps / 4;
	}
	return steps == 1 || (2 * grew > steps && most < 0.8 * grown);
}

/* @slack: bytes by which the first and the last may be off. */
static struct slope fit(const struct points *p, double slack)
{
	double t = 0, v = 0, tt = 0, tv = 0, off, sum = 0, span;
	struct slope s = { 0 };
	size_t i;

	for (i = 0; i < p->n; i++) {
		t += p->times[i] / (double)p->n;
		v += p->values[i] / (double)p->n;
	}
	for (i = 0; i < p->n; i++) {
		tt += (p->times[i] - t) * (p->times[i] - t);
		tv += (p->times[i] - t) * (p->values[i] - v);
	}
	span = p->times[p->n - 1] - p->times[0];
	if (tt <= 0 || span <= 0)
		return s;
	s.rate = tv / tt;
	for (i = 0; i < p->n; i++) {
		off = p->values[i] - v - s.rate * (p->times[i] - t);
		sum += off * off;
	}
	if (p->n > 2)
		s.error = probability_t_factor((double)p->n - 2) *
			  sqrt(sum / (double)(p->n - 2) / tt);
	s.error = hypot(s.error, slack / span);
	s.sure = s.rate > 2 * s.error && goes_on(p);
	return s;
}

/* In bytes; negative: not known. */
typedef double value_of(const struct heap_meta *o, enum heap_limit_kind kind);

static double live_of(const struct heap_meta *o, enum heap_limit_kind kind)
{
	(void)kind;
	if (o->allocated < 0)
		return -1;
	return (double)(o->allocated - (o->tcache > 0 ? o->tcache : 0));
}

static double used_of(const struct heap_meta *o, enum heap_limit_kind kind)
{
	return o->limits[kind].bytes < 0 ? -1 : (double)o->limits[kind].used;
}

static double rss_of(const struct heap_meta *o, enum heap_limit_kind kind)
{
	(void)kind;
	return (double)o->rss;
}

struct history {
	const struct heap_profile *const *profiles; /* borrowed */
	struct points points;
	const struct heap_meta *first, *last;
	struct slope live;
	double slack; /* bytes by which the first and the last may be off */
};

/* False when one of the snapshots does not know it. */
static bool slope_of(struct history *h, value_of *value,
		     enum heap_limit_kind kind, struct slope *ret)
{
	struct points *p = &h->points;
	size_t i;

	for (i = 0; i < p->n; i++) {
		p->values[i] = value(&h->profiles[i]->meta, kind);
		if (p->values[i] < 0)
			return false;
	}
	*ret = fit(p, h->slack);
	return true;
}

/* All samples may be of other objects than at first. */
static double slack_of(const struct heap_profile *first,
		       const struct heap_profile *last)
{
	double samples = (double)(first->total.samples + last->total.samples);

	return hypot(HEAP_COUNTERS_COINCIDENCE, SAMPLED_RUN * sqrt(samples));
}

static double positive(int64_t n)
{
	return n > 0 ? (double)n : 0;
}

/* Address space that jemalloc holds for allocations to come. */
static double reserve(const struct heap_meta *o)
{
	if (o->owned < 0 || o->allocated < 0)
		return 0;
	return fmax(0,
		    (double)(o->owned - o->allocated) - positive(o->metadata));
}

/* The growth that usage does not show took pages that jemalloc had kept. */
static bool takes_kept_pages(const struct history *h, const struct slope *used)
{
	const struct points *p = &h->points;
	double span = p->times[p->n - 1] - p->times[0];
	double hidden = (h->live.rate - used->rate) * span;

	return positive(h->first->dirty) - positive(h->last->dirty) >
	       hidden / 2;
}

/* The rate at which a limit is used up, and in *left, which has what is left of
 * it, what is left besides. False: it is not sure. */
static bool rate_of(struct history *h, enum heap_limit_kind kind,
		    struct slope *ret, double *left)
{
	/* What others do on the machine is not of this process's making. */
	value_of *const signs[] = { kind == HEAP_LIMIT_MACHINE ? rss_of
							       : used_of,
				    rss_of };
	struct slope best = { 0 }, s;
	size_t i;

	*ret = h->live;
	if (kind == HEAP_LIMIT_ADDRESSES || kind == HEAP_LIMIT_DATA) {
		*left += reserve(h->last);
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(signs) && !best.sure; i++)
		if (slope_of(h, signs[i], kind, &s) && s.sure)
			best = s;
	if (best.rate < h->live.rate / 2 && takes_kept_pages(h, &best)) {
		*left += positive(h->last->dirty);
		return true;
	}
	*ret = best;
	return best.sure;
}

static void consider(struct history *h, enum heap_limit_kind kind,
		     struct heap_time_left *best)
{
	const struct heap_limit *limit = &h->last->limits[kind];
	double left, seconds;
	struct slope rate;

	if (limit->bytes < 0 || limit->used < 0)
		return;
	left = fmax(0, (double)(limit->bytes - limit->used));
	if (!rate_of(h, kind, &rate, &left))
		return;
	seconds = left / rate.rate;
	if (seconds > FAR_SECONDS ||
	    (best->kind != HEAP_LIMITS && best->seconds <= seconds))
		return;
	*best = (struct heap_time_left){
		.kind = kind,
		.bytes = limit->bytes,
		.rate = rate.rate,
		.rate_error = rate.error,
		.seconds = seconds,
		.error = seconds * rate.error / rate.rate,
	};
}

/* Sets the times; false when not all are of one process, and ascend. */
static bool read_times(struct history *h)
{
	size_t i;

	for (i = 0; i < h->points.n; i++) {
		const struct heap_meta *o = &h->profiles[i]->meta;

		if (o->taken_at_us < 0 || o->pid != h->first->pid ||
		    o->start_time != h->first->start_time ||
		    (i &&
		     o->taken_at_us <= h->profiles[i - 1]->meta.taken_at_us))
			return false;
		h->points.times[i] =
			(double)(o->taken_at_us - h->first->taken_at_us) / 1e6;
	}
	return true;
}

struct heap_time_left heap_time_left(const struct heap_profile *const *profiles,
				     size_t n)
{
	struct heap_time_left ret = { .kind = HEAP_LIMITS };
	_cleanup_free_ double *numbers = NULL;
	struct history h = { .profiles = profiles };
	int kind;

	if (n < 2)
		return ret;
	numbers = calloc(2 * n, sizeof(*numbers));
	ret.failed = !numbers;
	if (!numbers)
		return ret;
	h.points = (struct points){ numbers, numbers + n, n };
	h.slack = slack_of(profiles[0], profiles[n - 1]);
	h.first = &profiles[0]->meta;
	h.last = &profiles[n - 1]->meta;
	if (h.first->pid < 0 || !read_times(&h) ||
	    !slope_of(&h, live_of, HEAP_LIMITS, &h.live) || !h.live.sure)
		return ret;
	for (kind = 0; kind < HEAP_LIMITS; kind++)
		consider(&h, (enum heap_limit_kind)kind, &ret);
	return ret;
}

const char *heap_limit_name(enum heap_limit_kind kind)
{
	static const char *const names[] = {
		[HEAP_LIMIT_GROUP_MAX] = "memory.max",
		[HEAP_LIMIT_GROUP_HIGH] = "memory.high",
		[HEAP_LIMIT_ADDRESSES] = "RLIMIT_AS",
		[HEAP_LIMIT_DATA] = "RLIMIT_DATA",
		[HEAP_LIMIT_MACHINE] = "machine",
		[HEAP_LIMITS] = NULL,
	};

	return names[kind];
}

int64_t heap_live_fell(const struct heap_profile *const *profiles, size_t n)
{
	double most = 0, before, now;
	size_t i;

	for (i = 1; i < n; i++) {
		before = live_of(&profiles[i - 1]->meta, 0);
		now = live_of(&profiles[i]->meta, 0);
		if (before >= 0 && now >= 0 && before - now > most)
			most = before - now;
	}
	return (int64_t)most;
}
