#include "tests/unit/heap/sim_process.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "tests/unit/sampling.h"

/* Nothing can be simulated without memory. */
static void must(bool done)
{
	if (done)
		return;
	(void)fputs("no memory for the simulation\n", stderr);
	abort();
}

double sim_class(unsigned i)
{
	/* 16, 32, 48, 64, then four in each doubling. */
	if (i < 4)
		return 16 * (i + 1);
	i -= 4;
	return exp2(4 + i / 4) * (5 + i % 4);
}

void sim_add(struct sim *sim, struct sim_stack stack)
{
	must(ARRAY_GROW(sim->stacks, sim->cap, sim->n + 1));
	sim->stacks[sim->n++] = stack;
}

static void forget(struct sim *sim)
{
	size_t t;

	for (t = 0; sim->profiles && t < sim->looks; t++)
		heap_profile_release(&sim->profiles[t]);
	free(sim->profiles);
	free(sim->truth);
	free(sim->counts);
	heap_changes_release(&sim->changes);
	sim->profiles = NULL;
	sim->truth = NULL;
	sim->counts = NULL;
}

void sim_release(struct sim *sim)
{
	forget(sim);
	free(sim->stacks);
	sim->stacks = NULL;
	sim->n = sim->cap = 0;
}

static void count_class(struct heap_meta *meta, double size, double objects)
{
	size_t i = 0;

	while (i < meta->n_class_counts &&
	       (double)meta->class_counts[i].size < size)
		i++;
	if (i == meta->n_class_counts ||
	    (double)meta->class_counts[i].size > size) {
		struct heap_class_count *c;
		size_t k;

		must(ARRAY_GROW(meta->class_counts, meta->class_counts_cap,
				meta->n_class_counts + 1));
		c = meta->class_counts;
		for (k = meta->n_class_counts++; k > i; k--)
			c[k] = c[k - 1];
		c[i] = (struct heap_class_count){ (uint64_t)size, 0 };
	}
	meta->class_counts[i].regions += llround(objects);
	meta->allocated += llround(objects) * llround(size);
}

static double some(uint64_t *state, double n, double share)
{
	if (n < 1 || share <= 0)
		return 0;
	return share < 1 ? binomial(state, n, share) : n;
}

/* How many of the @marked of @n objects are among @drawn of them. Where they
 * are many and few of them are marked, each is drawn on its own. */
static double draw(uint64_t *state, double n, double marked, double drawn)
{
	double hits = 0;

	if (n > 20000 && marked < n / 20)
		return some(state, marked, drawn / n);
	for (; drawn >= 1 && marked >= 1; drawn--, n--) {
		if (next_random(state) * n >= marked)
			continue;
		hits++;
		marked--;
	}
	return hits;
}

/* One size of a stack, from snapshot to snapshot. */
struct life {
	double size, seen, live, sampled;
	/* Those that came before the first snapshot, or in step i. */
	struct age {
		double live, sampled;
	} ages[SIM_LOOKS];
};

/* How many of the @n oldest were sampled; they are gone. */
static double lose_oldest(struct sim *sim, struct life *l, double n)
{
	double hits = 0, some_hits, lost;
	struct age *age;

	for (age = l->ages; n >= 1 && age < l->ages + SIM_LOOKS; age++) {
		lost = fmin(n, age->live);
		some_hits = draw(&sim->state, age->live, age->sampled, lost);
		age->live -= lost;
		age->sampled -= some_hits;
		n -= lost;
		hits += some_hits;
	}
	return hits;
}

static double lose(struct sim *sim, const struct sim_stack *stack,
		   struct life *l, double n)
{
	return stack->oldest ? lose_oldest(sim, l, n)
			     : draw(&sim->state, l->live, l->sampled, n);
}

static double share_of(const struct sim_stack *stack, double steps)
{
	return stack->oldest ? fmin(1, stack->churn / steps)
			     : -expm1(-stack->churn / steps);
}

static void life_step(struct sim *sim, const struct sim_stack *stack,
		      const struct sim_objects *of, size_t step, struct life *l)
{
	const double steps = (double)sim->looks - 1;
	double leak = floor(of->leak * (double)step / steps) -
		      floor(of->leak * (double)(step - 1) / steps);
	double replaced = round(l->live * share_of(stack, steps)), came;

	if (stack->burst)
		leak = step == (size_t)stack->burst ? of->leak : 0;
	l->sampled -= lose(sim, stack, l, replaced);
	came = some(&sim->state, replaced + fmax(leak, 0), l->seen);
	l->ages[step] = (struct age){ replaced + fmax(leak, 0), came };
	l->sampled += came;
	if (leak < 0)
		l->sampled -= lose(sim, stack, l, -leak);
	l->live += leak;
}

/* What a snapshot has of a stack. */
struct sight {
	double n, sum, objects, bytes;
};

static struct heap_counts read_sight(const struct sim *sim,
				     const struct sight *s)
{
	if (!(s->n > 0))
		return (struct heap_counts){ 0 };
	if (sim->prepared)
		return read_as_5_3(s->objects, s->bytes, sim->period);
	return heap_unbias((uint64_t)s->n, (uint64_t)s->sum,
			   (uint64_t)sim->period);
}

/* A small object that is sampled counts as one of 16 KiB. */
static void count_life(struct heap_meta *meta, const struct life *l)
{
	if (l->size > 14336) {
		count_class(meta, l->size, l->live);
		return;
	}
	count_class(meta, l->size, l->live - l->sampled);
	count_class(meta, 16384, l->sampled);
	meta->sampled_small += llround(l->sampled);
	meta->sampled_small_bytes += llround(l->sampled * l->size);
}

static void run_stack(struct sim *sim, size_t i)
{
	const struct sim_stack *stack = &sim->stacks[i];
	struct sight sights[SIM_LOOKS] = { 0 };
	size_t k, t;

	for (k = 0; k < stack->n; k++) {
		const struct sim_objects *of = &stack->of[k];
		struct life l = { .size = of->size,
				  .seen = -expm1(-of->size / sim->period),
				  .live = round(of->count) };
		const double first = l.live;

		l.sampled = some(&sim->state, l.live, l.seen);
		l.ages[0] = (struct age){ l.live, l.sampled };
		for (t = 0; t < sim->looks; t++) {
			if (t)
				life_step(sim, stack, of, t, &l);
			sights[t].n += l.sampled;
			sights[t].sum += l.sampled * l.size;
			sights[t].objects += l.sampled / l.seen;
			sights[t].bytes += l.sampled * l.size / l.seen;
			count_life(&sim->profiles[t].meta, &l);
		}
		sim->truth[i] += (l.live - first) * l.size;
	}
	for (t = 0; t < sim->looks; t++)
		sim->counts[i * sim->looks + t] = read_sight(sim, &sights[t]);
}

/* Thread caches hold some of any class; counters count it as allocated. */
static void fill_caches(struct sim *sim, struct heap_meta *meta)
{
	double left = floor(sim->caches * (1 + next_random(&sim->state)) / 2);
	struct heap_class_count *c;
	int64_t regions;
	size_t tries;

	meta->tcache = 0;
	for (tries = 0; tries < 16 && meta->n_class_counts; tries++) {
		c = &meta->class_counts[(size_t)(next_random(&sim->state) *
						 0.999999 *
						 (double)meta->n_class_counts)];
		regions = llround(floor(left / (double)c->size));
		c->regions += regions;
		meta->allocated += regions * (int64_t)c->size;
		meta->tcache += regions * (int64_t)c->size;
		left -= (double)(regions * (int64_t)c->size);
	}
}

static void init_profile(struct sim *sim, size_t t)
{
	struct heap_profile *p = &sim->profiles[t];

	heap_profile_init(p);
	p->sample_period = (uint64_t)sim->period;
	p->meta.pid = 1;
	p->meta.start_time = 1;
	p->meta.allocated = 0;
	p->meta.sampled_small = p->meta.sampled_small_bytes = 0;
	p->meta.taken_at_us = llround(sim->seconds * 1e6 * (double)t /
				      ((double)sim->looks - 1));
}

void sim_run(struct sim *sim)
{
	const struct heap_profile *profiles[SIM_LOOKS];
	struct heap_change_input in = {
		.profiles = profiles,
		.n = sim->looks,
		.n_stacks = sim->n,
		.live = true,
	};
	size_t i, t;

	forget(sim);
	must(sim->looks <= SIM_LOOKS);
	sim->profiles = calloc(sim->looks, sizeof(*sim->profiles));
	sim->truth = calloc(sim->n, sizeof(*sim->truth));
	sim->counts = calloc(sim->n * sim->looks, sizeof(*sim->counts));
	must(sim->profiles && sim->truth && sim->counts);
	for (t = 0; t < sim->looks; t++) {
		init_profile(sim, t);
		profiles[t] = &sim->profiles[t];
	}
	for (i = 0; i < sim->n; i++)
		run_stack(sim, i);
	for (t = 0; t < sim->looks; t++) {
		struct heap_meta *meta = &sim->profiles[t].meta;

		fill_caches(sim, meta);
		if (!sim->counters) {
			meta->n_class_counts = 0;
			meta->allocated = meta->tcache = -1;
		}
	}
	in.counts = sim->counts;
	must(!heap_changes_estimate(&in, &sim->changes));
}

size_t sim_significant(const struct sim *sim)
{
	size_t i, n = 0;

	for (i = 0; i <= sim->n; i++)
		n += sim->changes.stacks[i].significant;
	return n;
}

struct sim sim_new(uint64_t seed, size_t looks, bool counters)
{
	return (struct sim){
		.state = seed,
		.looks = looks,
		.period = 524288,
		.prepared = true,
		.counters = counters,
		.caches = 1 << 19,
		.seconds = 10,
	};
}

struct sim_stack sim_stack_of(double size, double bytes, double leak,
			      double churn)
{
	return (struct sim_stack){
		.n = 1,
		.of = { { size, floor(bytes / size), floor(leak / size) } },
		.churn = churn,
	};
}
