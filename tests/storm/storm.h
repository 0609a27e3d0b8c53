/**
 * @file storm.h - a process in which no thread ever waits for long.
 *
 * Every thread, the first one too, works at the load: a turn, and at once the
 * next. Whatever it checks about itself goes to victim_harmed(); a call that
 * should not have ended with EINTR to victim_interrupted().
 */
#ifndef TESTS_STORM_STORM_H
#define TESTS_STORM_STORM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct worker {
	unsigned number; /* from 0: the first thread of the process */
	pthread_t id;
	uint64_t turns;
	uint64_t seen; /* turns, at the last report */
	uint64_t seed; /* for storm_random() */
};

struct load {
	const char *name;
	unsigned workers; /* without --threads */
	void (*begin)(void);
	void (*turn)(struct worker *w);
	void (*report)(void); /* more lines for "report"; NULL: none */
	void (*end)(void);    /* wakes workers that wait; NULL: none do */
};

/** In storm_alloc.c: what the others do meanwhile, too. */
void storm_allocate(struct worker *w, unsigned times);

extern const struct load load_tight, load_throw, load_fork, load_create,
	load_cancel, load_dlopen, load_timers, load_setuid, load_rename;

/** Numbers for one worker. */
uint64_t storm_random(struct worker *w);

/** True once the workers are to end. */
bool storm_is_over(void);

/** Counters that several threads have in common. */
void storm_add(uint64_t *n);
uint64_t storm_load(const uint64_t *n);

/** A thread that the load itself makes and waits for, or the end of the
 *  victim. */
pthread_t storm_thread(void *(*fn)(void *), void *arg);

/** Waits for it, and says when it does not end: it hangs. */
void *storm_join(pthread_t id, const char *whose);

/** In storm_throw.cc: throws through @depth frames and catches it; the number
 *  of destructors that ran on the way, and what was thrown is checked. */
unsigned storm_throw_and_catch(unsigned depth);

#endif
