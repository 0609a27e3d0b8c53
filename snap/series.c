#include "snap/series.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/deadline.h"

static struct hs_error *take_next(struct series *s,
				  const struct series_plan *plan, bool last,
				  int64_t *cost_us)
{
	struct heap_profile *p;
	struct hs_error *err;

	if (!ARRAY_GROW(s->profiles, s->cap, s->n + 1))
		return hs_error_nomem();
	p = &s->profiles[s->n];
	heap_profile_init(p);
	*cost_us = 0;
	err = plan->take(plan->arg, last, p, cost_us);
	if (err)
		heap_profile_release(p);
	else
		s->n++;
	return err;
}

uint64_t series_steps(int64_t interval_us, int64_t cost_us, uint64_t most)
{
	enum { SHARE = 20, SHORTEST_US = 100000 };
	int64_t shortest = SHORTEST_US;
	uint64_t fit;

	if (cost_us > shortest / SHARE)
		shortest = cost_us < INT64_MAX / SHARE ? cost_us * SHARE
						       : INT64_MAX;
	fit = interval_us > 0 ? (uint64_t)(interval_us / shortest) : 0;
	if (fit > most)
		fit = most;
	return fit ? fit : 1;
}

/* When the snapshots are due. */
struct schedule {
	const struct series_plan *plan;
	int64_t start_us;     /* of the first snapshot, or of the last one */
	uint64_t step, steps; /* the next one is the step-th, from 1 */
};

/* After the first snapshot, @first: how many follow. The interval begins when
 * that was taken: to find a thread to borrow has taken its time. */
static void schedule_cut(struct schedule *c, const struct heap_profile *first,
			 int64_t cost_us)
{
	int64_t age = clock_wall_us() - first->meta.taken_at_us;

	if (c->plan->spread && first->meta.taken_at_us >= 0 && age > 0 &&
	    age < clock_us() - c->start_us)
		c->start_us = clock_us() - age;
	c->steps = c->plan->count - 1;
	if (c->plan->spread && c->steps)
		c->steps =
			series_steps(c->plan->interval_us, cost_us, c->steps);
}

/* Of a spread, the time of its end; else from the start of the last one. */
static struct series_wait schedule_next(struct schedule *c)
{
	const struct series_plan *plan = c->plan;
	int64_t now = clock_us(), length = plan->interval_us, due;
	struct series_wait wait;

	if (!plan->spread) {
		due = c->start_us + length;
		wait.us = due > now ? due - now : 0;
		wait.until_us = wait.us;
		return wait;
	}
	length /= (int64_t)c->steps;
	/* What is missed is left out: the next one keeps its distance. */
	while (c->step < c->steps &&
	       c->start_us + (int64_t)c->step * length + length / 2 < now)
		c->step++;
	due = c->start_us + (int64_t)c->step * length;
	wait.us = due > now ? due - now : 0;
	due = c->start_us + plan->interval_us;
	wait.until_us = due > now ? due - now : 0;
	return wait;
}

struct hs_error *series_take(struct series *s, const struct series_plan *plan)
{
	struct schedule c = { .plan = plan, .steps = plan->count - 1 };
	enum series_next next = SERIES_ON;
	struct series_wait wait;
	struct hs_error *err;
	int64_t cost_us;
	bool last;

	for (;;) {
		last = c.step == c.steps || next == SERIES_LAST;
		/* Naming and saving a snapshot counts as part of the wait. */
		if (!plan->spread || !s->n)
			c.start_us = clock_us();
		err = take_next(s, plan, last, &cost_us);
		if (err || last)
			return err;
		if (s->n == 1)
			schedule_cut(&c, &s->profiles[0], cost_us);
		c.step++;
		wait = schedule_next(&c);
		err = plan->wait(plan->arg, &wait, s, &next);
		if (err || next == SERIES_ENOUGH)
			return err;
	}
}

void series_release(struct series *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		heap_profile_release(&s->profiles[i]);
	free(s->profiles);
	*s = (struct series){ 0 };
}

const struct heap_profile *series_last(const struct series *s)
{
	return &s->profiles[s->n - 1];
}
