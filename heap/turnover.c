#include "heap/turnover.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "heap/probability.h"
#include "heap/scatter.h"
#include "heap/unbias.h"

/*
 * The steps of a stack, or of several together, in sampled objects: of large
 * ones nearly all are sampled, and what is uncertain are the few that are not.
 * In events, of which each has no more than its share of that, their steps
 * would be nothing, or thousands.
 */
struct scatter {
	double level; /* mean of the snapshots: variance of how many there are */
	struct heap_scatter steps;
};

/* How the variances of all stacks are spread: a typical variance is ratio times
 * the level, with as much weight as df steps of its own. */
struct prior {
	double ratio, df;
};

/* --- one stack ------------------------------------------------------------- */

/* Sampled objects of a mean step scatter by as many at least. */
static struct heap_scatter scatter_of_objects(const double *steps, size_t n)
{
	return heap_scatter_of(steps, n,
			       (struct heap_scatter_floor){ 1 / (double)n, 1 });
}

static double unit_of(const struct heap_change_input *in, size_t stack)
{
	double variance = 0, bytes = 0;
	size_t t;

	for (t = 0; t < in->n; t++) {
		variance += heap_change_point(in, stack, t)->bytes_variance;
		bytes += heap_change_point(in, stack, t)->bytes;
	}
	return bytes > 0 ? variance / bytes : 0;
}

/* What a sampled object stands for, bytes. */
static double object_of(const struct heap_change_input *in, size_t stack)
{
	double samples = 0, bytes = 0;
	size_t t;

	for (t = 0; t < in->n; t++) {
		samples += (double)heap_change_point(in, stack, t)->samples;
		bytes += heap_change_point(in, stack, t)->bytes;
	}
	return bytes / samples;
}

/* Adds the steps of @stack, which has a unit, to @steps; the level of its
 * snapshots. */
static double add_steps(const struct heap_change_input *in, size_t stack,
			double *steps)
{
	const double object = object_of(in, stack);
	double variance = 0;
	size_t t;

	for (t = 0; t < in->n; t++)
		variance += heap_change_point(in, stack, t)->bytes_variance;
	for (t = 0; t + 1 < in->n; t++)
		steps[t] += (heap_change_point(in, stack, t + 1)->bytes -
			     heap_change_point(in, stack, t)->bytes) /
			    object;
	return variance / (object * object) / (double)in->n;
}

static void clear(double *steps, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		steps[i] = 0;
}

/* --- the prior ------------------------------------------------------------- */

/* Sums over what has been measured of the logarithms of variance / level. */
struct moments {
	double n, sum, squares, trigamma, df;
};

static void moments_add(struct moments *m, const struct scatter *s, size_t n)
{
	const double half = s->steps.df / 2;
	double e;

	if (half <= 0)
		return;
	/* One object in all steps cannot be told from none. */
	e = log((s->steps.variance + 1 / (double)n) / s->level) -
	    probability_digamma(half) + log(half);
	m->n++;
	m->sum += e;
	m->squares += e * e;
	m->trigamma += probability_trigamma(half);
	m->df += s->steps.df;
}

static struct prior prior_of(const struct moments *m)
{
	struct prior prior = { 0 };
	double mean, spread;

	if (m->n < 2)
		return prior;
	mean = m->sum / m->n;
	spread = (m->squares - m->n * mean * mean) / (m->n - 1) -
		 m->trigamma / m->n;
	/* No more than all the others together know. */
	prior.df = m->df * (m->n - 1) / m->n;
	if (spread > 0)
		prior.df = fmin(prior.df,
				2 * probability_trigamma_inverse(spread));
	prior.ratio = exp(mean + probability_digamma(prior.df / 2) -
			  log(prior.df / 2));
	return prior;
}

/*
 * Stacks of few samples say little, each alone, as do those of large objects:
 * they are put together until they have as many as a tenth of the largest, and
 * 50.
 */
static struct hs_error *find_prior(const struct heap_change_input *in,
				   const struct heap_turnover *list,
				   double enough, struct prior *ret)
{
	const size_t n = in->n - 1;
	_cleanup_free_ double *group = calloc(n, sizeof(*group));
	_cleanup_free_ double *steps = calloc(n, sizeof(*steps));
	struct moments moments = { 0 };
	double level, in_group = 0;
	struct scatter s;
	size_t i;

	if (!group || !steps)
		return hs_error_nomem();
	for (i = 0; i < in->n_stacks; i++) {
		if (!(list[i].unit > 0))
			continue;
		clear(steps, n);
		level = add_steps(in, i, steps);
		if (level < enough) {
			in_group += add_steps(in, i, group);
			if (in_group < enough)
				continue;
			s = (struct scatter){ in_group,
					      scatter_of_objects(group, n) };
			clear(group, n);
			in_group = 0;
		} else {
			s = (struct scatter){ level,
					      scatter_of_objects(steps, n) };
		}
		moments_add(&moments, &s, n);
	}
	*ret = prior_of(&moments);
	return NULL;
}

/* --- all together ---------------------------------------------------------- */

/* Without steps: what is sampled at both ends may all have come and gone. */
static void set_bounds(const struct heap_change_input *in, size_t stack,
		       struct heap_turnover *t)
{
	const struct heap_counts *a = heap_change_point(in, stack, 0);
	const struct heap_counts *b = heap_change_point(in, stack, in->n - 1);
	const double since = in->since ? in->since[stack] : -1;
	double most = heap_counts_change_error(a, b, since);

	t->unit = unit_of(in, stack);
	t->df = INFINITY;
	if (!(t->unit > 0))
		return;
	t->net = (b->bytes - a->bytes) / t->unit;
	t->most = most * most / (t->unit * t->unit);
	t->least = fmin(fmax(fabs(t->net), 1), t->most);
	t->events = t->most;
}

/* How far from the one to the other order (below): so that with either the
 * truth is within two errors nineteen times out of twenty, or nearly. */
static const double order = 0.15;

/*
 * Of so many @events in all of @n steps, what is still to be seen in the ends.
 * Where the oldest objects are replaced that is all, up to the @full level of
 * both; where any are, some that came in one step are gone in another. Dumps do
 * not tell: @share of the way from the former to the latter.
 */
static double in_the_ends(double events, double full, double n, double share)
{
	const double oldest = fmin(events, full);
	const double any = full * (1 - pow(fmax(0, 1 - events / full / n), n));

	return oldest + share * (any - oldest);
}

/* @square: events for each sampled object, in their variance. */
static void moderate(struct heap_turnover *t, const struct scatter *s,
		     const struct prior *prior, double n, double square)
{
	const double df = s->steps.df + prior->df;
	double events;

	if (df < 1)
		return;
	events = n * square / df *
		 (s->steps.df * s->steps.variance +
		  prior->df * prior->ratio * s->level);
	events = fmax(events, t->least);
	/* Where it may well be near the bound nothing was learned, and the
	 * steps are no longer independent: what was freed in one came in
	 * another. */
	if ((1 + 4 / df) * events * pow(probability_t_factor(df), 2) >= t->most)
		events = fmax(events, t->most);
	else
		t->df = df;
	/* A stack by itself knows too little for that. */
	events = in_the_ends(events, fmax(2 * s->level * square, t->most), n,
			     order * prior->df / df);
	t->events = fmin(fmax(events, t->least), t->most);
}

struct hs_error *heap_turnover_of(const struct heap_change_input *in,
				  struct heap_turnover *ret)
{
	const size_t n = in->n - 1;
	_cleanup_free_ double *steps = calloc(n, sizeof(*steps));
	double level, largest = 0;
	struct prior prior = { 0 };
	struct hs_error *err;
	struct scatter s;
	size_t i;

	if (!steps)
		return hs_error_nomem();
	for (i = 0; i < in->n_stacks; i++) {
		ret[i] = (struct heap_turnover){ 0 };
		set_bounds(in, i, &ret[i]);
		if (n > 1 && ret[i].unit > 0)
			largest = fmax(largest, add_steps(in, i, steps));
	}
	if (n < 2)
		return NULL;
	err = find_prior(in, ret, fmax(50, largest / 10), &prior);
	for (i = 0; !err && i < in->n_stacks; i++) {
		if (!(ret[i].unit > 0))
			continue;
		clear(steps, n);
		level = add_steps(in, i, steps);
		s = (struct scatter){ level, scatter_of_objects(steps, n) };
		moderate(&ret[i], &s, &prior, (double)n,
			 pow(object_of(in, i) / ret[i].unit, 2));
	}
	return err;
}
