/*
 * Its only thread never waits, and reads the clock all the time: it sees each
 * stop, as a gap.
 *
 * Commands:
 *	longest	prints "longest US", of the gaps since the last one
 *	create N	makes N threads, one after the other; prints "create
 *		MEDIAN P99 MAX", of the time that pthread_create() took each, ns
 *	wake N	sleeps N times for a millisecond; prints "wake MEDIAN P99 MAX",
 *		ns by which it woke up late
 *
 * Start it with --beat no: the loop beats.
 */
#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/victims/victim.h"

enum { LOOKS = 1000, MOST = 10000, SLEEP_NS = 1000000 };

static int64_t longest, last;
static int64_t took[MOST];

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static void look(void)
{
	int64_t now = now_ns();

	if (now - last > longest)
		longest = now - last;
	last = now;
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void say_times(const char *what, size_t n)
{
	qsort(took, n, sizeof(took[0]), by_size);
	victim_say("%s %lld %lld %lld", what, (long long)took[n / 2],
		   (long long)took[n * 99 / 100], (long long)took[n - 1]);
}

static void *end_at_once(void *arg)
{
	return arg;
}

/* As heapsnap has it made: detached. */
static void create(size_t n)
{
	const struct timespec pause = { .tv_nsec = SLEEP_NS };
	pthread_attr_t attr;
	pthread_t id;
	size_t i;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (i = 0; i < n; i++) {
		int64_t start = now_ns();

		if (pthread_create(&id, &attr, end_at_once, NULL))
			victim_harmed("it cannot make a thread");
		took[i] = now_ns() - start;
		nanosleep(&pause, NULL);
	}
	say_times("create", n);
}

static void wake(size_t n)
{
	const struct timespec pause = { .tv_nsec = SLEEP_NS };
	size_t i;

	for (i = 0; i < n; i++) {
		int64_t start = now_ns();

		nanosleep(&pause, NULL);
		took[i] = now_ns() - start - SLEEP_NS;
	}
	say_times("wake", n);
}

static bool command(const char *line)
{
	const bool creates = !strncmp(line, "create ", 7);
	uint64_t n;

	if (!strcmp(line, "longest")) {
		victim_say("longest %lld", (long long)longest / 1000);
	} else if (creates || !strncmp(line, "wake ", 5)) {
		n = victim_number(strchr(line, ' ') + 1);
		if (!n || n > MOST)
			return false;
		if (creates)
			create(n);
		else
			wake(n);
	} else {
		return false;
	}
	longest = 0;
	last = now_ns();
	return true;
}

int main(int argc, char **argv)
{
	int i;

	victim_begin(argc, argv, NULL);
	free(malloc(1));
	victim_ready();
	last = now_ns();
	do {
		for (i = 0; i < LOOKS; i++)
			look();
		__atomic_add_fetch(&heartbeat->beats, 1, __ATOMIC_SEQ_CST);
	} while (victim_obey_now(command));
	return 0;
}
