/*
 * How sure changes are (heap/change.h): simulated processes with known changes,
 * the tables of RESULTS.md.
 *
 *	change RUNS SEED [WHAT]
 *
 * WHAT: letters of l (leaks), q (quiet processes), c (coverage), o (the same
 * where the oldest objects are replaced), p (power); lqcop.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "heap/unbias.h"
#include "tests/unit/heap/sim_process.h"
#include "tests/unit/sampling.h"

static const double gib = 1 << 30, mib = 1 << 20;

static int compare(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;

	return a < b ? -1 : a > b;
}

/* What was printed before: both levels' errors, 2 of them. */
static bool levels_significant(const struct sim *sim, size_t i)
{
	const struct heap_counts *c = &sim->counts[i * sim->looks];
	const struct heap_counts *last = c + sim->looks - 1;

	return fabs(last->bytes - c->bytes) >=
	       2 * heap_counts_change_error(c, last, -1);
}

/* --- a leak beside other stacks -------------------------------------------- */

struct leak {
	const char *name;
	double leak; /* bytes */
	size_t same; /* stacks of the same class, the leak's among them */
	size_t all;
	double churn;
	size_t looks;
	bool counters;
};

/* @old bytes are those of the class. */
static void add_process(struct sim *sim, const struct leak *l, double old)
{
	size_t i;

	for (i = 0; i < l->same; i++)
		sim_add(sim, sim_stack_of(1024, old / (double)l->same,
					  i ? 0 : l->leak, l->churn));
	for (; i < l->all; i++)
		sim_add(sim, sim_stack_of(sim_class((unsigned)(i % 32)),
					  2 * mib, 0, l->churn));
}

static void leaks(const struct leak *l, int runs, uint64_t seed)
{
	struct sim sim = sim_new(seed, l->looks, l->counters);
	double *errors = calloc((size_t)runs, sizeof(*errors));
	int run, found = 0, before = 0, others = 0;
	size_t n;

	add_process(&sim, l, gib);
	for (run = 0; run < runs; run++) {
		sim_run(&sim);
		n = sim_significant(&sim);
		errors[run] = sim.changes.stacks[0].error / mib;
		found += sim.changes.stacks[0].significant;
		before += levels_significant(&sim, 0);
		others += n > sim.changes.stacks[0].significant;
	}
	qsort(errors, (size_t)runs, sizeof(*errors), compare);
	printf("| %s | %.1f | %zu of %zu | %.0f | %zu | %s | %.1f | %.1f | "
	       "%.1f | %.1f | %.1f |\n",
	       l->name, l->leak / mib, l->same, l->all, 100 * l->churn,
	       l->looks, l->counters ? "yes" : "no", 100. * found / runs,
	       errors[runs / 2], errors[runs - 1], 100. * others / runs,
	       100. * before / runs);
	fflush(stdout);
	free(errors);
	sim_release(&sim);
}

/* --- nothing grows --------------------------------------------------------- */

static void quiet(size_t stacks, double churn, size_t looks, bool counters,
		  bool mixed, int runs, uint64_t seed)
{
	struct sim sim = sim_new(seed, looks, counters);
	int run, wrong = 0;
	size_t i;

	for (i = 0; i < stacks; i++) {
		/* Few have most: 64 KiB to 200 MiB. */
		double bytes = mib / 16 * exp(next_random(&sim.state) * 8);

		if (stacks == 1)
			bytes = gib;
		sim_add(&sim,
			sim_stack_of(
				sim_class((unsigned)(next_random(&sim.state) *
						     40)),
				bytes, 0, mixed && i % 4 ? 0 : churn));
	}
	for (run = 0; run < runs; run++) {
		sim_run(&sim);
		wrong += sim_significant(&sim) > 0;
	}
	printf("| %zu | %.0f%s | %zu | %s | %.2f |\n", stacks, 100 * churn,
	       mixed ? " of every fourth" : "", looks, counters ? "yes" : "no",
	       100. * wrong / runs);
	fflush(stdout);
	sim_release(&sim);
}

/* --- coverage -------------------------------------------------------------- */

struct shape {
	const char *name;
	int classes, doublings, most;
};

static const struct shape shapes[] = {
	{ "one size", 1, 20, 23 },
	{ "within a factor of 4", 4, 2, 23 },
	{ "any up to 128 KiB", 4, 14, 17 },
};

static struct sim_stack random_stack(struct sim *sim, const struct shape *shape,
				     double churn)
{
	uint64_t *state = &sim->state;
	const double lowest = 4 + floor(next_random(state) *
					(shape->most - 3 - shape->doublings));
	struct sim_stack s = { .n = (size_t)shape->classes, .churn = churn };
	/* 10 to 1,000 samples; a third leaks, a third shrinks. */
	const double want = 10 * exp(next_random(state) * log(100));
	const int kind = (int)(next_random(state) * 3);
	size_t i;

	for (i = 0; i < s.n; i++) {
		double size = exp2(lowest + floor(next_random(state) *
						  (4 * shape->doublings + 1)) /
						    4);
		double seen, count, leak;

		size = fmax(16, 16 * round(size / 16));
		seen = -expm1(-size / sim->period);
		count = ceil(want / (double)s.n / seen);
		leak = floor(count * next_random(state) * 0.2);
		s.of[i] = (struct sim_objects){ size, count,
						kind == 1   ? leak
						: kind == 2 ? -leak
							    : 0 };
	}
	return s;
}

struct cell {
	const struct shape *shape;
	bool prepared;
	double churn;
	bool oldest; /* are replaced */
	size_t looks;
	bool counters;
};

struct tally {
	double n, within;
};

/* The changes as they are estimated without jemalloc's counters. */
static struct heap_changes of_samples(const struct sim *sim)
{
	const struct heap_profile *profiles[SIM_LOOKS];
	const struct heap_change_input in = {
		.profiles = profiles,
		.n = sim->looks,
		.counts = sim->counts,
		.n_stacks = sim->n,
	};
	struct heap_changes ret;
	size_t t;

	for (t = 0; t < sim->looks; t++)
		profiles[t] = &sim->profiles[t];
	if (heap_changes_estimate(&in, &ret)) {
		(void)fputs("no memory for the estimate\n", stderr);
		exit(1);
	}
	return ret;
}

/* No other stack of the simulation allocates of its class. */
static bool is_alone(const struct sim *sim, size_t stack)
{
	size_t i, same = 0;

	for (i = 0; i < sim->n; i++)
		same += fabs(sim->stacks[i].of[0].size -
			     sim->stacks[stack].of[0].size) < 1;
	return sim->stacks[stack].n == 1 && same == 1;
}

/* Of a stack alone in its class the counter has decided where it leaves less
 * than four fifths of the error. */
static void tally(const struct sim *sim, struct tally *counted,
		  struct tally *others)
{
	struct heap_changes samples = of_samples(sim);
	size_t i;

	for (i = 0; i < sim->n; i++) {
		const struct heap_change *c = &sim->changes.stacks[i];
		const struct heap_counts *p = &sim->counts[i * sim->looks];
		const bool decided = is_alone(sim, i) &&
				     c->error < 0.8 * samples.stacks[i].error;
		struct tally *t = decided ? counted : others;

		if (p->samples < 10 && p[sim->looks - 1].samples < 10)
			continue;
		t->n++;
		t->within += fabs(c->bytes - sim->truth[i]) <= 2 * c->error + 1;
	}
	heap_changes_release(&samples);
}

static void coverage(const struct cell *cell, int runs, uint64_t seed)
{
	struct sim sim = sim_new(seed, cell->looks, cell->counters);
	struct tally counted = { 0 }, others = { 0 };
	size_t i;
	int run;

	sim.prepared = cell->prepared;
	for (run = 0; run < runs; run++) {
		sim.n = 0;
		for (i = 0; i < 20; i++) {
			sim_add(&sim,
				random_stack(&sim, cell->shape, cell->churn));
			sim.stacks[i].oldest = cell->oldest;
		}
		sim_run(&sim);
		tally(&sim, &counted, &others);
	}
	printf("| %s | %s | %.0f%s | %zu | %s | %.0f | %.1f | %.0f | %.1f | "
	       "%.1f |\n",
	       cell->shape->name, cell->prepared ? "5.3" : "5.2",
	       100 * cell->churn, cell->oldest ? " oldest" : "", cell->looks,
	       cell->counters ? "yes" : "no", counted.n + others.n,
	       100 * (counted.within + others.within) / (counted.n + others.n),
	       counted.n, 100 * counted.within / counted.n,
	       100 * others.within / others.n);
	fflush(stdout);
	sim_release(&sim);
}

/* --------------------------------------------------------------------------- */

static void all_leaks(int runs, uint64_t seed)
{
	static const struct leak list[] = {
		{ "victim", 20 << 20, 1, 1, 0, 6, true },
		{ "victim", 20 << 20, 1, 8, 0, 6, true },
		{ "victim", 20 << 20, 1, 8, 0.01, 6, true },
		{ "one of ten", 20 << 20, 10, 40, 0, 6, true },
		{ "one of ten", 20 << 20, 10, 40, 0.01, 6, true },
		{ "victim", 20 << 20, 1, 1, 0, 6, false },
		{ "victim", 20 << 20, 1, 8, 0, 6, false },
		{ "victim", 20 << 20, 1, 8, 0.01, 6, false },
		{ "one of ten", 20 << 20, 10, 40, 0, 6, false },
		{ "one of ten", 20 << 20, 10, 40, 0.01, 6, false },
	};
	size_t i;

	puts("| | leak, MiB | stacks | churn, % | snapshots | counters | "
	     "significant, % | median error, MiB | largest | others, % | "
	     "by levels, % |");
	for (i = 0; i < ARRAY_SIZE(list); i++)
		leaks(&list[i], runs, seed + i);
}

static void all_power(int runs, uint64_t seed)
{
	static const double shares[] = { 0.005, 0.01, 0.02, 0.05 };
	static const size_t looks[] = { 2, 3, 6, 11 },
			    stacks[] = { 1, 40, 4900 };
	size_t i, j, k;
	int c;

	for (c = 0; c < 2; c++)
		for (k = 0; k < 3; k++)
			for (j = 0; j < 4; j++)
				for (i = 0; i < 4; i++)
					leaks(&(struct leak){ "power",
							      floor(gib *
								    shares[i]),
							      1, stacks[k],
							      0.01, looks[j],
							      c },
					      k == 2 ? runs / 10 + 1 : runs,
					      seed + i + 10 * j + 100 * k);
}

static void all_quiet(int runs, uint64_t seed)
{
	static const double churns[] = { 0, 0.01, 0.2, 3 };
	static const size_t stacks[] = { 1, 40, 5000 }, looks[] = { 2, 6 };
	size_t i, j, k;
	int c, m;

	for (k = 0; k < 3; k++)
		for (m = 0; m < 2; m++)
			for (i = 0; i < 4; i++)
				for (j = 0; j < 2; j++)
					for (c = 0; c < 2; c++)
						quiet(stacks[k], churns[i],
						      looks[j], c, m,
						      k == 2 ? runs / 10 + 1
							     : runs,
						      seed++);
}

static void all_coverage(int runs, uint64_t seed, bool oldest)
{
	static const double churns[] = { 0, 0.01, 0.05, 0.2, 1, 3 };
	static const size_t looks[] = { 2, 3, 6, 11 };
	size_t i, j, k;
	int c, d;

	puts("| sizes | dialect | replaced, % | snapshots | counters | stacks "
	     "| within, % | by their counter | of them within, % | of the "
	     "others, % |");
	for (k = 0; k < ARRAY_SIZE(shapes); k++)
		for (d = 0; d < 2; d++)
			for (i = 0; i < ARRAY_SIZE(churns); i++)
				for (j = 0; j < 4; j++)
					for (c = 0; c < 2; c++)
						coverage(
							&(struct cell){
								&shapes[k], d,
								churns[i],
								oldest,
								looks[j], c },
							runs, seed++);
}

int main(int argc, char **argv)
{
	const int runs = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 200;
	const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20261128;
	const char *what = argc > 3 ? argv[3] : "lqcop";

	if (strchr(what, 'l'))
		all_leaks(runs, seed);
	if (strchr(what, 'q'))
		all_quiet(runs, seed);
	if (strchr(what, 'c'))
		all_coverage(runs, seed, false);
	if (strchr(what, 'o'))
		all_coverage(runs, seed, true);
	if (strchr(what, 'p'))
		all_power(runs, seed);
	return 0;
}
