#include "contents/sampled_age.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "heap/samples.h"

/* The samples of one trace: s->items[first..end). */
struct run {
	size_t first, end;
};

/* As a profile has addresses: of a caller that of its call. */
static uint64_t lookup_address(const struct sampled *s,
			       const struct backtrace *t, uint32_t i)
{
	return s->traces.pcs[t->first + i] - (i > 0);
}

static uint64_t stack_address(const struct heap_profile *p,
			      const struct heap_stack *stack, uint32_t i)
{
	return p->locations[p->frames[stack->first + i]].address;
}

static uint64_t hash_trace(const struct hash_index *index,
			   const struct sampled *s, const struct backtrace *t)
{
	struct hash h = hash_mix(hash_index_begin(index), t->n);
	uint32_t i;

	for (i = 0; i < t->n; i++)
		h = hash_mix(h, lookup_address(s, t, i));
	return h.value;
}

static uint64_t hash_stack(const struct hash_index *index,
			   const struct heap_profile *p,
			   const struct heap_stack *stack)
{
	struct hash h = hash_mix(hash_index_begin(index), stack->depth);
	uint32_t i;

	for (i = 0; i < stack->depth; i++)
		h = hash_mix(h, stack_address(p, stack, i));
	return h.value;
}

static bool is_same(const struct sampled *s, const struct backtrace *t,
		    const struct heap_profile *p,
		    const struct heap_stack *stack)
{
	uint32_t i;

	for (i = 0; i < t->n && t->n == stack->depth; i++)
		if (lookup_address(s, t, i) != stack_address(p, stack, i))
			return false;
	return t->n == stack->depth;
}

static struct hs_error *index_runs(const struct sampled *s,
				   const struct run *runs, size_t n,
				   struct hash_index *ret)
{
	struct hs_error *err = hash_index_reserve(ret, n);
	size_t i;

	for (i = 0; i < n && !err; i++) {
		const uint32_t trace = s->items[runs[i].first].trace;

		err = hash_index_add(
			ret, hash_trace(ret, s, &s->traces.items[trace]),
			(uint32_t)i);
	}
	return err;
}

/* Each trace of @s, as the samples are sorted. */
static size_t find_runs(const struct sampled *s, struct run *ret)
{
	size_t n = 0, i;

	for (i = 0; i < s->n; i++) {
		if (!i || s->items[i].trace != s->items[i - 1].trace)
			ret[n++] = (struct run){ .first = i };
		ret[n - 1].end = i + 1;
	}
	return n;
}

static struct hs_error *add_run(const struct sampled *s, const struct run *run,
				uint32_t stack, struct heap_profile *p)
{
	const struct sampled_one *first = &s->items[run->first];
	const size_t n = run->end - run->first;
	struct heap_samples samples = {
		.stack = stack,
		.n = (uint32_t)n,
		.median_ms = first[n / 2].age,
		.oldest_ms = first[n - 1].age,
	};
	bool added;

	if (s->types) {
		const struct sampled_type *type = &s->types[first->trace];

		samples.looked_at = type->looked_at;
		samples.of_type = type->of_type;
		samples.type = type->name;
	}
	return heap_samples_add(p, &samples, &added);
}

/* A stack of the profile has one trace at most, but for a moment in which
 * jemalloc forgets one and begins another. */
static struct hs_error *add_stack(const struct sampled *s,
				  const struct run *runs,
				  const struct hash_index *index,
				  uint32_t stack, struct heap_profile *p)
{
	const struct heap_stack *of = &p->stacks[stack];
	const uint64_t hash = hash_stack(index, p, of);
	const struct run *found = NULL;
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(index, hash, &walk)) {
		const struct run *run = &runs[walk.value];
		const uint32_t trace = s->items[run->first].trace;

		if (!is_same(s, &s->traces.items[trace], p, of))
			continue;
		if (!found || run->end - run->first > found->end - found->first)
			found = run;
	}
	return found ? add_run(s, found, stack, p) : NULL;
}

struct hs_error *sampled_age(const struct sampled *s, struct heap_profile *p)
{
	_cleanup_hash_index_ struct hash_index index = { 0 };
	_cleanup_free_ struct run *runs = calloc(s->n + 1, sizeof(*runs));
	struct hs_error *err;
	uint32_t i;

	if (!runs)
		return hs_error_nomem();
	if (!s->n)
		return NULL;
	err = index_runs(s, runs, find_runs(s, runs), &index);
	for (i = 0; i < p->n_stacks && !err; i++)
		err = add_stack(s, runs, &index, i, p);
	return err;
}
