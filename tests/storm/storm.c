/*
 * A process that never rests, so that a snapshot of it has to find its moment
 * amid all of it. No thread of it waits for input: what works reads it, too.
 *
 *	--load NAME	tight, throw, fork, create, cancel, dlopen, timers,
 *			setuid or rename: see storm_*.c
 *	--threads N	that work at it
 *
 *	report		"LOAD turns=N least=N", the least being that of the
 *			slowest thread since the last report; lines of the
 *			load's own; "end"
 *	rest		no turns are taken any more; "resting", when the last
 *			one is over
 *	go		they go on; "gone"
 *
 * At "quit" each thread is waited for: one that hangs is a harm, and the exit
 * status is 3 when there was any.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/storm/storm.h"
#include "tests/victims/victim.h"

enum {
	MAX_WORKERS = 256,
	INPUT_EVERY_US = 20000,
	HANGS_AFTER_S = 20,
	REST_US = 1000,
	SLICE_NS = 100000,
	HARMED = 3,
};

static const struct load *const loads[] = {
	&load_tight,  &load_throw,  &load_fork,	  &load_create, &load_cancel,
	&load_dlopen, &load_timers, &load_setuid, &load_rename,
};

static struct worker workers[MAX_WORKERS];
static const struct load *load;
static unsigned n_workers;
static uint64_t over, resting, n_resting;

void storm_add(uint64_t *n)
{
	__atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST);
}

uint64_t storm_load(const uint64_t *n)
{
	return __atomic_load_n(n, __ATOMIC_SEQ_CST);
}

bool storm_is_over(void)
{
	return storm_load(&over);
}

uint64_t storm_random(struct worker *w)
{
	w->seed = w->seed * 6364136223846793005ull + 1442695040888963407ull;
	return w->seed >> 33;
}

pthread_t storm_thread(void *(*fn)(void *), void *arg)
{
	pthread_t id;
	int rc = pthread_create(&id, NULL, fn, arg);

	if (rc) {
		victim_harmed("pthread_create: %s", strerror(rc));
		_exit(HARMED);
	}
	return id;
}

void *storm_join(pthread_t id, const char *whose)
{
	struct timespec until;
	void *result = NULL;
	int rc;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += HANGS_AFTER_S;
	rc = pthread_timedjoin_np(id, &result, &until);
	if (!rc)
		return result;
	victim_harmed("%s: a thread does not end: %s", whose, strerror(rc));
	_exit(HARMED);
}

static void take_turn(struct worker *w)
{
	load->turn(w);
	__atomic_add_fetch(&w->turns, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&heartbeat->beats, 1, __ATOMIC_RELAXED);
}

static void take_rest(void)
{
	__atomic_add_fetch(&heartbeat->beats, 1, __ATOMIC_RELAXED);
	usleep(REST_US);
}

static void *work(void *arg)
{
	while (!storm_is_over()) {
		if (!storm_load(&resting)) {
			take_turn(arg);
			continue;
		}
		storm_add(&n_resting);
		while (storm_load(&resting) && !storm_is_over())
			take_rest();
		__atomic_sub_fetch(&n_resting, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* The first thread is at rest when it is here. */
static void rest(void)
{
	int64_t end = victim_now() + HANGS_AFTER_S * 1000000ll;

	storm_add(&resting);
	if (load->end)
		load->end();
	while (storm_load(&n_resting) < n_workers - 1 && victim_now() < end)
		usleep(REST_US);
	if (storm_load(&n_resting) < n_workers - 1)
		victim_harmed("%s: a thread hangs", load->name);
	victim_say("resting");
}

static void go_on(void)
{
	__atomic_store_n(&resting, 0, __ATOMIC_SEQ_CST);
	while (storm_load(&n_resting))
		usleep(REST_US);
	victim_say("gone");
}

static void report(void)
{
	uint64_t all = 0, least = UINT64_MAX;
	unsigned i;

	for (i = 0; i < n_workers; i++) {
		struct worker *w = &workers[i];
		uint64_t turns = __atomic_load_n(&w->turns, __ATOMIC_RELAXED);

		all += turns;
		if (turns - w->seen < least)
			least = turns - w->seen;
		w->seen = turns;
	}
	victim_say("%s turns=%llu least=%llu", load->name,
		   (unsigned long long)all, (unsigned long long)least);
	if (load->report)
		load->report();
	victim_say("end");
}

static bool command(const char *line)
{
	if (!strcmp(line, "report"))
		report();
	else if (!strcmp(line, "rest"))
		rest();
	else if (!strcmp(line, "go"))
		go_on();
	else
		return false;
	return true;
}

static bool option(const char *name, const char *value)
{
	size_t i;

	if (!strcmp(name, "--threads")) {
		n_workers = (unsigned)victim_number(value);
		return n_workers > 0 && n_workers <= MAX_WORKERS;
	}
	for (i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		if (!strcmp(name, "--load") && !strcmp(value, loads[i]->name))
			load = loads[i];
	}
	return load != NULL;
}

/* Its threads take turns often (Linux 6.12, sched(7): before, the kernel takes
 * no notice). On a machine with few CPUs most of them wait for one most of the
 * time, a tenth of a second each, and so does who wants to stop them. */
static void take_short_turns(void)
{
	struct { /* linux/sched/types.h, which cannot stand beside sched.h */
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = { .size = sizeof(attr), .runtime = SLICE_NS };

	syscall(SYS_sched_setattr, 0, &attr, 0);
}

/* The first thread of all: until "quit". */
static void work_and_obey(void)
{
	int64_t next = 0;

	for (;;) {
		if (storm_load(&resting))
			take_rest();
		else
			take_turn(&workers[0]);
		if (victim_now() < next)
			continue;
		next = victim_now() + INPUT_EVERY_US;
		if (!victim_obey_now(command))
			return;
	}
}

int main(int argc, char **argv)
{
	unsigned i;

	take_short_turns();
	victim_begin(argc, argv, option);
	if (!load)
		return 2;
	if (!n_workers)
		n_workers = load->workers;
	for (i = 0; i < n_workers; i++)
		workers[i].number = i, workers[i].seed = i + 1;
	load->begin();
	for (i = 1; i < n_workers; i++)
		workers[i].id = storm_thread(work, &workers[i]);
	victim_ready();
	work_and_obey();
	storm_add(&over);
	if (load->end)
		load->end();
	for (i = 1; i < n_workers; i++)
		storm_join(workers[i].id, load->name);
	return heartbeat->harmed[0] || heartbeat->eintr ? HARMED : 0;
}
