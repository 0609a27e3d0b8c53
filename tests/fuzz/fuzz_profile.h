/**
 * @file fuzz_profile.h - what is true of every profile that a reader accepts.
 */
#ifndef TESTS_FUZZ_FUZZ_PROFILE_H
#define TESTS_FUZZ_FUZZ_PROFILE_H

#include <math.h>
#include <stdlib.h>

#include "heap/diff.h"
#include "heap/profile.h"
#include "heap/samples.h"
#include "tests/fuzz/fuzz.h"

static inline void fuzz_check_counts(const struct heap_counts *c)
{
	must(isfinite(c->bytes) && isfinite(c->objects));
	must(isfinite(c->bytes_variance));
	must(c->bytes >= 0 && c->bytes_variance >= 0);
}

static inline void fuzz_check_profile(const struct heap_profile *p)
{
	size_t i, frames = 0;

	must(p->sample_period > 0);
	for (i = 0; i < p->maps.n; i++) {
		must(p->maps.items[i].start < p->maps.items[i].end);
		must(!i || p->maps.items[i - 1].end <= p->maps.items[i].start);
	}
	for (i = 0; i < p->n_locations; i++) {
		const struct heap_location *loc = &p->locations[i];

		must(!i || loc[-1].address < loc->address);
		must(loc->module == HEAP_NO_MODULE ||
		     loc->module < p->n_modules);
		must(loc->names + (size_t)loc->n_names <= p->n_names);
	}
	for (i = 0; i < p->n_frames; i++)
		must(p->frames[i] < p->n_locations);
	for (i = 0; i < p->n_stacks; i++) {
		must(p->stacks[i].first + (size_t)p->stacks[i].depth <=
		     p->n_frames);
		fuzz_check_counts(&p->stacks[i].inuse);
		if (p->allocated)
			fuzz_check_counts(&p->allocated[i]);
		frames += p->stacks[i].depth;
	}
	must(frames == p->n_frames);
	for (i = 0; i < p->n_parts; i++) {
		must(p->parts[i].stack < p->n_stacks);
		must(p->parts[i].thread < p->n_threads);
		fuzz_check_counts(&p->parts[i].inuse);
		fuzz_check_counts(&p->parts[i].allocated);
	}
	for (i = 0; i < p->n_samples; i++) {
		const struct heap_samples *s = &p->samples[i];

		must(s->stack < p->n_stacks && s->n);
		must(!i || s[-1].stack < s->stack);
		must(s->median_ms <= s->oldest_ms &&
		     s->of_type <= s->looked_at);
		must(!s->type || s->looked_at);
	}
}

static inline void fuzz_check_diff(const struct heap_profile *p)
{
	struct heap_diff diff;

	if (heap_diff(p, p, &diff))
		abort();
	must(diff.n_stacks >= p->n_stacks && diff.n_stacks <= 2 * p->n_stacks);
	heap_diff_release(&diff);
}

#endif
