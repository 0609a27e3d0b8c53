#include "heap/samples.h"

#include <stdlib.h>

#include "base/array.h"

/* So that they are as many microseconds. */
#define AGE_MAX (HEAP_NUMBER_MAX / 1000)

static bool has_ages(const struct heap_samples *s)
{
	if (s->median_ms == HEAP_AGE_UNKNOWN)
		return s->oldest_ms == HEAP_AGE_UNKNOWN;
	return s->median_ms >= 0 && s->median_ms <= s->oldest_ms &&
	       s->oldest_ms <= AGE_MAX;
}

static bool is_right(const struct heap_profile *p, const struct heap_samples *s)
{
	if (s->stack >= p->n_stacks ||
	    (p->n_samples && s->stack <= p->samples[p->n_samples - 1].stack))
		return false;
	return s->n && s->n <= HEAP_SAMPLES_MAX - p->n_sampled && has_ages(s) &&
	       s->looked_at <= s->n && s->of_type <= s->looked_at &&
	       !s->type == !s->of_type;
}

struct hs_error *heap_samples_add(struct heap_profile *p,
				  const struct heap_samples *s, bool *added)
{
	struct heap_samples *to;

	*added = is_right(p, s);
	if (!*added)
		return NULL;
	if (!ARRAY_GROW(p->samples, p->samples_cap, p->n_samples + 1))
		return hs_error_nomem();
	to = &p->samples[p->n_samples];
	*to = *s;
	p->n_samples++;
	p->n_sampled += s->n;
	return intern_text(&p->strings, s->type, &to->type);
}

void heap_samples_drop(struct heap_profile *p)
{
	free(p->samples);
	p->samples = NULL;
	p->n_samples = p->samples_cap = p->n_sampled = 0;
}
