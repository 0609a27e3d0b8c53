/*
 * create: threads that are made, allocate, and end: by return, by
 * pthread_exit(), detached.
 * cancel: threads that are cancelled in a wait of some kind, and must have
 * undone what they did.
 * rename: threads that name themselves and each other.
 */
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/storm/storm.h"
#include "tests/victims/victim.h"

enum { AT_ONCE = 4, BURST = 20, HOUR_S = 3600, NAME_SIZE = 16 };

/* --- create ---------------------------------------------------------------- */

static uint64_t detached_born, detached_gone;

static void nothing(void)
{
}

static void *live_shortly(void *arg)
{
	struct worker w = { .seed = (uintptr_t)arg };

	storm_allocate(&w, BURST);
	if ((uintptr_t)arg % 2)
		pthread_exit(arg);
	return arg;
}

static void *live_detached(void *arg)
{
	live_shortly((void *)((uintptr_t)arg & ~(uintptr_t)1));
	storm_add(&detached_gone);
	return NULL;
}

static void turn_create(struct worker *w)
{
	pthread_t ids[AT_ONCE];
	uintptr_t args[AT_ONCE];
	unsigned i;

	for (i = 0; i < AT_ONCE; i++) {
		args[i] = storm_random(w);
		ids[i] = storm_thread(live_shortly, (void *)args[i]);
	}
	for (i = 0; i < AT_ONCE; i++) {
		if ((uintptr_t)storm_join(ids[i], "create") != args[i])
			victim_harmed("a thread's result is lost");
	}
	/* One at a time, so that they cannot pile up. */
	if (storm_load(&detached_gone) != storm_load(&detached_born))
		return;
	storm_add(&detached_born);
	pthread_detach(storm_thread(live_detached, (void *)args[0]));
}

const struct load load_create = {
	.name = "create", .workers = 1, .begin = nothing, .turn = turn_create
};

/* --- cancel ---------------------------------------------------------------- */

struct cancelled {
	unsigned how;
	sem_t waits; /* it is about to */
	unsigned undone;
	void *memory;
};

static int never[2]; /* a pipe that nobody writes to */

static void begin_cancel(void)
{
	if (pipe(never))
		_exit(2);
}

static void undo(void *arg)
{
	struct cancelled *c = arg;

	free(c->memory);
	c->undone++;
}

/* None of these ends, but by cancellation. */
static void wait_somehow(unsigned how)
{
	struct timespec hour = { .tv_sec = HOUR_S };
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	int rc = 0;
	char byte;

	errno = 0;
	switch (how % 4) {
	case 0:
		pause();
		break;
	case 1:
		rc = (int)read(never[0], &byte, 1);
		break;
	case 2:
		nanosleep(&hour, NULL);
		break;
	default:
		pthread_mutex_lock(&lock);
		pthread_cond_wait(&cond, &lock);
	}
	if (errno == EINTR)
		victim_interrupted();
	victim_harmed("wait %u ended by itself: %d, %s", how % 4, rc,
		      strerror(errno));
}

static void *wait_to_be_cancelled(void *arg)
{
	struct cancelled *c = arg;

	c->memory = malloc(1000);
	pthread_cleanup_push(undo, c);
	sem_post(&c->waits);
	wait_somehow(c->how);
	pthread_cleanup_pop(0);
	return NULL;
}

static void turn_cancel(struct worker *w)
{
	struct cancelled c = { .how = (unsigned)storm_random(w) };
	pthread_t id;

	sem_init(&c.waits, 0, 0);
	id = storm_thread(wait_to_be_cancelled, &c);
	while (sem_wait(&c.waits))
		victim_interrupted();
	/* Before it waits, and when it does. */
	if (c.how & 8)
		storm_allocate(w, BURST);
	pthread_cancel(id);
	if (storm_join(id, "cancel") != PTHREAD_CANCELED || c.undone != 1)
		victim_harmed("a cancelled thread: %u times undone", c.undone);
	sem_destroy(&c.waits);
}

const struct load load_cancel = {
	.name = "cancel",
	.workers = 2,
	.begin = begin_cancel,
	.turn = turn_cancel,
};

/* --- rename ---------------------------------------------------------------- */

static pthread_t first;

static void begin_rename(void)
{
	first = pthread_self();
}

static void turn_rename(struct worker *w)
{
	char name[NAME_SIZE], got[NAME_SIZE];

	snprintf(name, sizeof(name), "w%u %llu", w->number,
		 (unsigned long long)(w->turns % 1000000));
	if (w->number % 2) {
		pthread_setname_np(pthread_self(), name);
		if (pthread_getname_np(pthread_self(), got, sizeof(got)) ||
		    strcmp(got, name))
			victim_harmed("its name is '%s', not '%s'", got, name);
	} else if (w->number) {
		pthread_setname_np(first, name);
	}
	storm_allocate(w, BURST);
}

const struct load load_rename = {
	.name = "rename",
	.workers = 4,
	.begin = begin_rename,
	.turn = turn_rename,
};
