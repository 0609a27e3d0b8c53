/**
 * @file sim_process.h - simulates a process whose changes are known, sampled as
 * jemalloc samples, for the tests and tables of heap/change.h.
 *
 *	struct sim sim = { .state = 20261128, .looks = 6, .period = 524288 };
 *	sim_add(&sim, (struct sim_stack){ ... });
 *	sim_run(&sim);			changes, and what they were
 *	sim_release(&sim);
 *
 * In each step the objects that are replaced are drawn from all that live, so
 * an object once sampled stays so until it is freed. Counters are exact, but
 * that any class may hold what thread caches hold, which differs by snapshot,
 *and that small objects that are sampled count as 16 KiB.
 */
#ifndef TESTS_UNIT_HEAP_SIM_PROCESS_H
#define TESTS_UNIT_HEAP_SIM_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap/change.h"

enum { SIM_SIZES = 4, SIM_LOOKS = 16 };

/** What a stack allocates. */
struct sim_stack {
	size_t n; /* sizes */
	struct sim_objects {
		double size;  /* bytes, of a class */
		double count; /* at first */
		double leak;  /* objects from the first snapshot to the last */
	} of[SIM_SIZES];
	double churn; /* share of the objects that is replaced in that time */
	bool oldest;  /* the oldest are, one after the other; else any */
	/* The leak is in this step alone, from 1; 0: in all of them. */
	int burst;
};

struct sim {
	uint64_t state;		  /* of the random numbers: the seed at first */
	size_t looks;		  /* snapshots */
	double period;		  /* mean distance of samples, bytes */
	bool prepared;		  /* as jemalloc 5.3 writes; else as 5.2 */
	bool counters;		  /* jemalloc's are known */
	double caches;		  /* the most that thread caches hold, bytes */
	double seconds;		  /* from the first snapshot to the last */
	struct sim_stack *stacks; /* owned */
	size_t n, cap;
	/* What sim_run() leaves; owned. */
	double *truth; /* change of each stack, bytes */
	struct heap_counts *counts;
	struct heap_profile *profiles;
	struct heap_changes changes;
};

/** jemalloc's size class @i, from 16 bytes on. */
double sim_class(unsigned i);

void sim_add(struct sim *sim, struct sim_stack stack);

/** Takes the snapshots and estimates the changes. May be called again. */
void sim_run(struct sim *sim);

void sim_release(struct sim *sim);

/** Stacks whose change is called significant, and what is in none. */
size_t sim_significant(const struct sim *sim);

/** A process that is looked at so many times in 10 s, as jemalloc 5.3 samples
 * by default, half a MiB in caches of threads. */
struct sim sim_new(uint64_t seed, size_t looks, bool counters);

/** A stack with @bytes in objects of @size, that leaks @leak bytes in all and
 * has the share @churn of it replaced. */
struct sim_stack sim_stack_of(double size, double bytes, double leak,
			      double churn);

#endif
