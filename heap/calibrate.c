#include "heap/calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "heap/diff.h"
#include "heap/sampling_cost.h"

/* Stacks whose changes add up to a known number. */
struct group {
	double exact;	      /* change, bytes */
	double slack;	      /* deviation of it by caches, bytes */
	double sum;	      /* of the estimates */
	double variance;      /* of the sum */
	double others;	      /* variance of what is in none of the stacks */
	double first, last;   /* samples in these snapshots */
	double grown, shrunk; /* of the stacks that did: sums of squares */
	double singles;	      /* stacks of one sample */
	double unit;	      /* the most that an event changes one by, bytes */
};

/* All stacks, as they are moved. */
struct calibration {
	const struct heap_change_input *in;
	const struct heap_turnover *turnovers;
	struct heap_calibrated *list;
};

static const struct heap_meta *first_meta(const struct heap_change_input *in)
{
	return &in->profiles[0]->meta;
}

static const struct heap_meta *last_meta(const struct heap_change_input *in)
{
	return &in->profiles[in->n - 1]->meta;
}

bool heap_counters_comparable(const struct heap_change_input *in)
{
	size_t t;

	if (!in->live || !first_meta(in)->start_time ||
	    !last_meta(in)->start_time ||
	    !heap_same_address_space(in->profiles[0], in->profiles[in->n - 1]))
		return false;
	for (t = 0; t < in->n; t++)
		if (in->profiles[t]->meta.prof_active == 0 ||
		    in->profiles[t]->partial)
			return false;
	return true;
}

double heap_cache_slack(const struct heap_change_input *in)
{
	const int64_t a = first_meta(in)->tcache, b = last_meta(in)->tcache;

	return a < 0 || b < 0 ? -1 : ((double)a + (double)b) / 2;
}

double heap_live_bytes(const struct heap_meta *meta)
{
	return (double)(meta->allocated - meta->tcache -
			heap_sampling_cost(meta).allocated);
}

double heap_sampling_skew(const struct heap_change_input *in,
			  const struct heap_turnover *turnovers)
{
	const struct heap_meta *meta = last_meta(in);
	double one, events = 0;
	size_t i;

	if (meta->sampled_small <= 0)
		return 0;
	one = (double)heap_sampling_cost(meta).allocated /
	      (double)meta->sampled_small;
	for (i = 0; i < in->n_stacks; i++)
		events += turnovers[i].events;
	return one * one * 2 * events / ((double)in->n - 1) / 20;
}

/* What is allocated between the dump and the reading of the counters, bytes, at
 * the rate of the whole change. */
static double counters_delay(const struct heap_change_input *in, double change)
{
	const struct heap_meta *a = first_meta(in), *b = last_meta(in);
	const double elapsed = (double)(b->taken_at_us - a->taken_at_us);
	const double delay = (double)(a->counters_us > b->counters_us
					      ? a->counters_us
					      : b->counters_us);

	if (a->taken_at_us < 0 || elapsed <= 0 || delay <= 0)
		return 0;
	return change * delay / elapsed;
}

/* --- one group ------------------------------------------------------------- */

static double group_spread(const struct group *g)
{
	return g->variance + g->others + g->slack * g->slack;
}

/* Beyond 3 deviations something changed that is not sampled: memory that is
 * not profiled must not be put on a stack. */
static bool group_agrees(const struct group *g)
{
	const double off = g->exact - g->sum;

	return off * off <= 9 * group_spread(g);
}

/* More was sampled than there is, and by more than chance: less of @c stayed
 * than its steps made believe. What the counter of its class has added stays. */
static void group_doubt(const struct group *g, struct heap_calibrated *c)
{
	if (c->still || c->bytes * (g->sum - g->exact) <= 0 ||
	    fabs(g->sum) < fabs(g->exact))
		return;
	c->doubted = true;
	c->variance = heap_calibrated_variance(c, c->bound);
}

static double group_move(const struct group *g, struct heap_calibrated *c)
{
	const double spread = group_spread(g);
	double move;

	if (c->still || !(c->variance > 0))
		return 0;
	move = c->variance / spread * (g->exact - g->sum);
	if (fabs(move) > c->most) {
		/* As far as its error admits, and no surer for it. */
		move = copysign(c->most, move);
	} else {
		c->gain += 1 / (spread - c->variance);
		c->variance -= c->variance * c->variance / spread;
	}
	c->bytes += move;
	c->most -= fabs(move);
	return move;
}

/* Moves @c by as much as it returns, or doubts it. */
static double group_settle(const struct group *g, struct heap_calibrated *c)
{
	if (group_agrees(g))
		return group_move(g, c);
	group_doubt(g, c);
	return 0;
}

/* What is left after @moved, where that is more than chance. The counters are
 * read after the dump: what comes and goes, and is fewer in it, may be back by
 * then, and the other way round. */
static struct heap_rest group_rest(const struct group *g, double moved)
{
	const double least = HEAP_COUNTERS_COINCIDENCE;
	const double left = g->exact - g->sum - moved;
	const double back = left > 0 ? g->shrunk : g->grown;
	const double deviation = sqrt(g->variance + g->others + back +
				      g->slack * g->slack + least * least);

	if (fabs(left) <= 2 * deviation)
		return (struct heap_rest){ .p = 1 };
	return (struct heap_rest){ .bytes = left,
				   .error = deviation,
				   .p = erfc(fabs(left) / deviation /
					     M_SQRT2) };
}

/* The most in a snapshot. */
static uint64_t samples_of(const struct heap_change_input *in, size_t stack)
{
	uint64_t most = 0;
	size_t t;

	for (t = 0; t < in->n; t++)
		if (heap_change_point(in, stack, t)->samples > most)
			most = heap_change_point(in, stack, t)->samples;
	return most;
}

/* What one sampled event of @stack comes to, bytes. */
static double event_of(const struct heap_change_input *in, size_t stack)
{
	double bytes = 0, samples = 0;
	size_t t;

	for (t = 0; t < in->n; t++) {
		bytes += heap_change_point(in, stack, t)->bytes;
		samples += (double)heap_change_point(in, stack, t)->samples;
	}
	return samples > 0 ? bytes / samples : 0;
}

static void group_add(struct group *g, const struct calibration *all,
		      size_t stack)
{
	const struct heap_change_input *in = all->in;
	const struct heap_calibrated *c = &all->list[stack];

	g->sum += c->bytes;
	g->variance += c->variance;
	g->first += (double)heap_change_point(in, stack, 0)->samples;
	g->last += (double)heap_change_point(in, stack, in->n - 1)->samples;
	*(c->bytes > 0 ? &g->grown : &g->shrunk) += c->bytes * c->bytes;
	g->singles += samples_of(in, stack) == 1;
	g->unit = fmax(g->unit, all->turnovers[stack].unit);
}

/* What no sampled stack of the group may have changed. */
static double group_unseen(const struct group *g)
{
	return g->unit * g->unit * (1 + g->singles);
}

/* --- size classes ---------------------------------------------------------- */

static int64_t regions_of(const struct heap_meta *meta, uint64_t size)
{
	size_t i;

	for (i = 0; i < meta->n_class_counts; i++)
		if (meta->class_counts[i].size == size)
			return meta->class_counts[i].regions;
	return 0;
}

/* What the caches may hold of a class: no more than its regions. */
static double class_slack(const struct heap_meta *meta, double bytes)
{
	return fmin((double)meta->tcache, bytes);
}

static struct group class_group(const struct heap_change_input *in,
				uint64_t size)
{
	const struct heap_meta *a = first_meta(in), *b = last_meta(in);
	const double was = (double)regions_of(a, size) * (double)size;
	const double is = (double)regions_of(b, size) * (double)size;

	return (struct group){
		.exact = is - was,
		/* A bound, within which all is of equal chance. */
		.slack = (class_slack(a, was) + class_slack(b, is)) / 2 /
			 sqrt(3),
	};
}

static int by_size(const void *x, const void *y)
{
	const struct heap_calibrated *const *a = x, *const *b = y;

	return (*a)->size < (*b)->size ? -1 : (*a)->size > (*b)->size;
}

/* The variance that stacks of several sizes may bring into the class of @size:
 * no more than they change by, nor than their samples stand for, each for at
 * most @size and a period (heapsnap-numbers(7)). */
static double mixed_variance(const struct calibration *all, double size)
{
	const struct heap_change_input *in = all->in;
	const double most = size + (double)in->profiles[0]->sample_period;
	double sum = 0, of_samples;
	size_t i;

	for (i = 0; i < in->n_stacks; i++) {
		const struct heap_calibrated *c = &all->list[i];

		if (c->size > 0)
			continue;
		of_samples = (double)samples_of(in, i) * most;
		sum += fmin(c->bytes * c->bytes + c->variance,
			    of_samples * of_samples);
	}
	return sum;
}

static void calibrate_class(const struct calibration *all,
			    struct heap_calibrated **list, size_t n)
{
	const struct heap_change_input *in = all->in;
	const uint64_t size = (uint64_t)list[0]->size;
	struct group g = class_group(in, size);
	size_t i;

	for (i = 0; i < n; i++)
		group_add(&g, all, (size_t)(list[i] - all->list));
	g.exact += heap_sampling_class_cost(first_meta(in), size, g.first) -
		   heap_sampling_class_cost(last_meta(in), size, g.last);
	g.others = mixed_variance(all, list[0]->size) + group_unseen(&g);
	for (i = 0; i < n; i++)
		group_settle(&g, list[i]);
}

static struct hs_error *calibrate_classes(const struct calibration *all)
{
	const size_t n_stacks = all->in->n_stacks;
	_cleanup_free_ struct heap_calibrated **sorted =
		calloc(n_stacks + 1, sizeof(struct heap_calibrated *));
	size_t i, end, n = 0;

	if (!sorted)
		return hs_error_nomem();
	for (i = 0; i < n_stacks; i++)
		if (all->list[i].size > 0)
			sorted[n++] = &all->list[i];
	if (n)
		qsort(sorted, n, sizeof(struct heap_calibrated *), by_size);
	for (i = 0; i < n; i = end) {
		end = i + 1;
		while (end < n && sorted[end]->size <= sorted[i]->size)
			end++;
		calibrate_class(all, sorted + i, end - i);
	}
	return NULL;
}

/* --- all together ---------------------------------------------------------- */

/* Of all classes together thread caches are known exactly. */
static struct heap_rest calibrate_total(const struct calibration *all)
{
	const struct heap_change_input *in = all->in;
	struct group g = { 0 };
	double event = 0, moved = 0, delayed;
	size_t i;

	g.exact = heap_live_bytes(last_meta(in)) -
		  heap_live_bytes(first_meta(in));
	delayed = counters_delay(in, g.exact);
	for (i = 0; i < in->n_stacks; i++) {
		group_add(&g, all, i);
		event = fmax(event, event_of(in, i));
	}
	g.others = group_unseen(&g) + heap_sampling_skew(in, all->turnovers) +
		   delayed * delayed;
	for (i = 0; i < in->n_stacks; i++)
		moved += group_settle(&g, &all->list[i]);
	/* What came between a dump and its counters is in these alone. */
	g.others += event * event;
	return group_rest(&g, moved);
}

struct hs_error *heap_calibrate(const struct heap_change_input *in,
				const struct heap_turnover *turnovers,
				struct heap_calibrated *list,
				struct heap_rest *rest)
{
	const struct calibration all = { in, turnovers, list };
	const struct heap_meta *a = first_meta(in), *b = last_meta(in);
	struct hs_error *err = NULL;

	*rest = (struct heap_rest){ .p = 1 };
	if (!heap_counters_comparable(in) || heap_cache_slack(in) < 0)
		return NULL;
	if (a->n_class_counts && b->n_class_counts)
		err = calibrate_classes(&all);
	/* Where every allocation is recorded the stacks are exact, and what the
	 * counters have beside them came after the dump. */
	if (!err && a->allocated >= 0 && b->allocated >= 0 &&
	    in->profiles[in->n - 1]->sample_period > 1)
		*rest = calibrate_total(&all);
	return err;
}
