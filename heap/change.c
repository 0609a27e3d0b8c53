#include "heap/change.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "heap/calibrate.h"
#include "heap/large_sizes.h"
#include "heap/probability.h"
#include "heap/scatter.h"
#include "heap/turnover.h"

/* What is known of all stacks while their changes are estimated. */
struct estimate {
	const struct heap_change_input *in;
	struct heap_turnover *turnovers;    /* owned */
	struct heap_calibrated *calibrated; /* owned */
	struct heap_changes *to;
};

static void estimate_release(struct estimate *e)
{
	free(e->turnovers);
	free(e->calibrated);
}

/* Of so many events, bytes^2, after what the counters have gained. */
static double variance_of(const struct heap_turnover *t,
			  const struct heap_calibrated *c, double events)
{
	return heap_calibrated_variance(c, events * t->unit * t->unit);
}

/* Half of the 95.4 % interval, before the counters. */
static double error_of(const struct heap_turnover *t)
{
	return t->unit * fmin(sqrt(t->events) * probability_t_factor(t->df),
			      sqrt(t->most));
}

/* --- calibration ----------------------------------------------------------- */

/* jemalloc's next size class of @mean, when that is a class but for rounding:
 * classes are apart by more than a tenth. */
static double class_near(const struct heap_meta *meta, double mean)
{
	const double rounding = 0.002;
	size_t i;

	for (i = 0; i < meta->n_class_counts; i++) {
		const double size = (double)meta->class_counts[i].size;

		/* Of which only pages are counted, not the class. */
		if (meta->large_classes == 0 &&
		    heap_large_sizes_gap(meta->class_counts[i].size,
					 (uint64_t)meta->page))
			break;
		if (fabs(size - mean) <= rounding * size)
			return size;
	}
	return 0;
}

/* The size of all objects of @stack, as its mean in each snapshot says; 0 when
 * there are several, or none is known. */
static double size_of(const struct heap_change_input *in, size_t stack)
{
	const struct heap_counts *c;
	double size = 0, now;
	size_t t;

	for (t = 0; t < in->n; t++) {
		c = heap_change_point(in, stack, t);
		if (!c->samples || !(c->objects > 0))
			continue;
		now = class_near(&in->profiles[in->n - 1]->meta,
				 c->bytes / c->objects);
		if (!(now > 0) || (size > 0 && fabs(now - size) > 0.5))
			return 0;
		size = now;
	}
	return size;
}

/* The same in all snapshots. */
static bool is_still(const struct heap_change_input *in, size_t stack)
{
	const struct heap_counts *a = heap_change_point(in, stack, 0), *b;
	size_t t;

	for (t = 1; t < in->n; t++) {
		b = heap_change_point(in, stack, t);
		if (b->samples != a->samples || fabs(b->bytes - a->bytes) > 0)
			return false;
	}
	return true;
}

static void prepare(const struct estimate *e, size_t i)
{
	const struct heap_counts *a = heap_change_point(e->in, i, 0);
	const struct heap_counts *b = heap_change_point(e->in, i, e->in->n - 1);
	const struct heap_turnover *t = &e->turnovers[i];
	/* As uncertain as it is with its degrees of freedom. */
	const double error = error_of(t);

	e->calibrated[i] = (struct heap_calibrated){
		.bytes = b->bytes - a->bytes,
		.variance = error * error,
		.most = 3 * error,
		.bound = t->most * t->unit * t->unit,
		.size = size_of(e->in, i),
		.still = is_still(e->in, i),
	};
}

/* --- one change ------------------------------------------------------------ */

static double objects_of(const struct heap_counts *a,
			 const struct heap_counts *b, double moved)
{
	const double bytes = a->bytes + b->bytes;

	return b->objects - a->objects +
	       (bytes > 0 ? moved * (a->objects + b->objects) / bytes : 0);
}

static double chance_of(const struct heap_turnover *t,
			const struct heap_calibrated *c)
{
	const double square = t->unit * t->unit;
	struct probability_events events;

	if (!(t->unit > 0))
		return fabs(c->bytes) > 0 ? 0 : 1;
	/* Most stacks; what is more likely than one in ten never counts. */
	if (c->bytes * c->bytes < 2.5 * c->variance)
		return 1;
	events = (struct probability_events){
		.events = variance_of(t, c, c->doubted ? t->most : t->events) /
			  square,
		.df = c->doubted ? INFINITY : t->df,
		.least = variance_of(t, c, t->least) / square,
		.most = variance_of(t, c, t->most) / square,
	};
	return probability_skellam_of(c->bytes / t->unit, &events);
}

static void estimate_one(const struct estimate *e, size_t i)
{
	const struct heap_turnover *t = &e->turnovers[i];
	const struct heap_calibrated *c = &e->calibrated[i];
	const struct heap_counts *a = heap_change_point(e->in, i, 0);
	const struct heap_counts *b = heap_change_point(e->in, i, e->in->n - 1);
	const double moved = c->bytes - (b->bytes - a->bytes);

	e->to->stacks[i] = (struct heap_change){
		.bytes = c->bytes,
		.objects = objects_of(a, b, moved),
		.error = sqrt(c->variance),
		.p = chance_of(t, c),
	};
}

/* --- many changes ---------------------------------------------------------- */

struct ranked {
	double p;
	size_t index;
};

static int by_chance(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->p < b->p || a->p > b->p)
		return a->p < b->p ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* Holm: the least chance is multiplied by the number of stacks, the next by one
 * less, and none is below the one before. What is in no stack counts as one,
 * where there is something. */
static struct hs_error *correct(struct heap_changes *changes)
{
	const size_t all = changes->n + (heap_changes_rest(changes)->p < 1);
	_cleanup_free_ struct ranked *list = calloc(all + 1, sizeof(*list));
	double least = 0;
	size_t i, n = 0;

	if (!list)
		return hs_error_nomem();
	for (i = 0; i < all; i++)
		if (changes->stacks[i].p < 1)
			list[n++] = (struct ranked){ changes->stacks[i].p, i };
	qsort(list, n, sizeof(*list), by_chance);
	for (i = 0; i < n; i++) {
		struct heap_change *c = &changes->stacks[list[i].index];

		least = fmax(least, list[i].p * (double)(all - i));
		c->p = fmin(1, least);
		c->significant = c->p <= HEAP_CHANGE_CHANCE;
	}
	return NULL;
}

/* Where a snapshot does not tell its counters, nothing is said of what they
 * say beyond its stacks. */
static struct heap_change change_of_rest(const struct heap_rest *rest,
					 const struct heap_live_change *live)
{
	if (!live->known)
		return (struct heap_change){ .p = 1 };
	return (struct heap_change){ .bytes = rest->bytes,
				     .error = rest->error,
				     .p = rest->p };
}

/* --- the whole process ----------------------------------------------------- */

/* What live allocations do from step to step beside growing, in bytes. */
static struct hs_error *find_live_scatter(const struct heap_change_input *in,
					  double *ret)
{
	const struct heap_scatter_floor floor = {
		.least = HEAP_COUNTERS_COINCIDENCE * HEAP_COUNTERS_COINCIDENCE
	};
	_cleanup_free_ double *steps = calloc(in->n, sizeof(*steps));
	const size_t n = in->n - 1;
	struct heap_scatter s;
	size_t t;

	if (!steps)
		return hs_error_nomem();
	for (t = 0; t < n; t++)
		steps[t] = heap_live_bytes(&in->profiles[t + 1]->meta) -
			   heap_live_bytes(&in->profiles[t]->meta);
	s = heap_scatter_of(steps, n, floor);
	*ret = s.df > 0 ? sqrt(s.variance * (double)n) *
				  probability_t_factor(s.df)
			: 0;
	return NULL;
}

static struct hs_error *live_change(const struct estimate *e,
				    struct heap_live_change *ret)
{
	const struct heap_change_input *in = e->in;
	struct heap_live_change live = { 0 };
	struct hs_error *err;
	double scatter = 0;
	size_t t;

	if (!heap_counters_comparable(in))
		return NULL;
	for (t = 0; t < in->n; t++)
		if (in->profiles[t]->meta.allocated < 0 ||
		    in->profiles[t]->meta.tcache < 0)
			return NULL;
	err = find_live_scatter(in, &scatter);
	if (err)
		return err;
	live.known = true;
	live.bytes = heap_live_bytes(&in->profiles[in->n - 1]->meta) -
		     heap_live_bytes(&in->profiles[0]->meta);
	live.slack = fmax(heap_cache_slack(in), 2 * scatter);
	live.slack = fmax(live.slack,
			  2 * sqrt(heap_sampling_skew(in, e->turnovers)));
	live.slack = fmax(live.slack,
			  (double)in->profiles[in->n - 1]->sample_period);
	live.grew = live.bytes > live.slack;
	*ret = live;
	return NULL;
}

static double elapsed(const struct heap_change_input *in)
{
	const int64_t a = in->profiles[0]->meta.taken_at_us;
	const int64_t b = in->profiles[in->n - 1]->meta.taken_at_us;

	return a >= 0 && b > a ? (double)(b - a) / 1e6 : -1;
}

/* The largest of many changes is large by chance, too: what it most likely is
 * lies nearer to their mean, by as much as all differ by chance alone
 * (empirical Bayes: Efron, Morris, "Data Analysis Using Stein's Estimator and
 * Its Generalizations", 1975). */
struct likely {
	double mean;  /* of all changes, bytes */
	double truly; /* variance by which they differ, but for chance */
};

static struct likely likely_of(const struct heap_changes *changes)
{
	struct likely ret = { 0 };
	double squares = 0, chance = 0;
	size_t i;

	for (i = 0; i < changes->n; i++) {
		const struct heap_change *c = &changes->stacks[i];

		ret.mean += c->bytes / (double)changes->n;
		squares += c->bytes * c->bytes / (double)changes->n;
		chance += c->error * c->error / (double)changes->n;
	}
	ret.truly = fmax(0, squares - ret.mean * ret.mean - chance);
	return ret;
}

/* In its standard errors. */
static double likely_ratio(const struct likely *all,
			   const struct heap_change *c)
{
	const double chance = c->error * c->error;
	const double weight = all->truly / (all->truly + chance);

	return (all->mean + weight * (c->bytes - all->mean)) / c->error;
}

/* A change grows with time, its error with the root of time. */
static double until_sure(const struct heap_change_input *in,
			 const struct heap_changes *changes)
{
	const double seconds = elapsed(in);
	const double z = probability_normal_quantile(
		HEAP_CHANGE_CHANCE / fmax(1, (double)changes->n));
	const struct likely all = likely_of(changes);
	double most = 0;
	size_t i;

	for (i = 0; i <= changes->n; i++) {
		const struct heap_change *c = &changes->stacks[i];

		if (c->bytes > 0 && c->significant)
			return -1;
		if (c->bytes > 0 && c->error > 0)
			most = fmax(most, likely_ratio(&all, c));
	}
	if (!(most > 0) || seconds < 0)
		return -1;
	return seconds * fmax(z * z / (most * most) - 1, 0.1);
}

struct hs_error *heap_changes_estimate(const struct heap_change_input *in,
				       struct heap_changes *ret)
{
	hs_cleanup(estimate_release) struct estimate e = {
		.in = in,
		.turnovers = calloc(in->n_stacks + 1, sizeof(*e.turnovers)),
		.calibrated = calloc(in->n_stacks + 1, sizeof(*e.calibrated)),
		.to = ret,
	};
	struct heap_rest rest;
	struct hs_error *err;
	size_t i;

	*ret = (struct heap_changes){ .n = in->n_stacks };
	ret->stacks = calloc(in->n_stacks + 1, sizeof(*ret->stacks));
	if (!e.turnovers || !e.calibrated || !ret->stacks)
		err = hs_error_nomem();
	else
		err = heap_turnover_of(in, e.turnovers);
	for (i = 0; !err && i < in->n_stacks; i++)
		prepare(&e, i);
	if (!err)
		err = heap_calibrate(in, e.turnovers, e.calibrated, &rest);
	if (!err)
		err = live_change(&e, &ret->live);
	if (!err) {
		for (i = 0; i < in->n_stacks; i++)
			estimate_one(&e, i);
		ret->stacks[ret->n] = change_of_rest(&rest, &ret->live);
		err = correct(ret);
	}
	if (err) {
		heap_changes_release(ret);
		return err;
	}
	ret->seconds_until_sure = until_sure(in, ret);
	return NULL;
}

void heap_changes_release(struct heap_changes *changes)
{
	free(changes->stacks);
	*changes = (struct heap_changes){ 0 };
}
