#include "snap/series.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/deadline.h"

static struct hs_error *take_next(struct series *s,
				  const struct series_plan *plan)
{
	struct heap_profile *p;
	struct hs_error *err;

	if (!ARRAY_GROW(s->profiles, s->cap, s->n + 1))
		return hs_error_nomem();
	p = &s->profiles[s->n];
	heap_profile_init(p);
	err = plan->take(plan->arg, p);
	if (err)
		heap_profile_release(p);
	else
		s->n++;
	return err;
}

struct hs_error *series_take(struct series *s, const struct series_plan *plan)
{
	struct hs_error *err;
	bool enough = false;
	int64_t next, left;

	for (;;) {
		next = clock_us() + plan->interval_us;
		err = take_next(s, plan);
		if (err || s->n == plan->count)
			return err;
		/* Naming and saving a snapshot counts as part of the wait. */
		left = next - clock_us();
		err = plan->wait(plan->arg, left > 0 ? left : 0, s, &enough);
		if (err || enough)
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
