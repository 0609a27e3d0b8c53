/*
 * Its threads do nothing but allocate and free, by whichever allocator it was
 * linked or started with, and check their memory; none waits for anything.
 *
 *	--threads N	beside the first one
 *	--most BYTES	sizes are up to this
 *	--how NAME	malloc (the default); aligned: by memalign(3);
 *			signals: as aligned, and a handler sleeps every now and
 *			then, wherever it came
 */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { KEPT = 8, TURNS_A_BEAT = 1000, SIGNAL_US = 3000 };

static uint64_t threads, running, most = 4096;
static bool aligned, signals;
static __thread bool naps;

/* What it does between two calls: some of a real program's time. */
__attribute__((noinline)) static uint64_t think(uint64_t seed)
{
	int i;

	for (i = 0; i < 4; i++)
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return seed;
}

static void *allocate(size_t size)
{
	return aligned ? memalign(64, size) : malloc(size);
}

static void check(const unsigned char *p, size_t size, unsigned char fill)
{
	if (p[0] != fill || p[size - 1] != fill)
		victim_harmed("memory changed");
}

/* Each thread's own: some of a kind are kept for a while. */
struct kept {
	unsigned char *p;
	size_t size;
};

static uint64_t take_turn(struct kept *all, uint64_t seed)
{
	struct kept *k = &all[(seed >> 40) % KEPT];
	unsigned char fill = (unsigned char)(k - all);

	if (k->p)
		check(k->p, k->size, fill);
	free(k->p);
	k->size = 1 + (seed >> 33) % most;
	k->p = allocate(k->size);
	if (!k->p) {
		victim_harmed("no memory");
		return seed;
	}
	k->p[0] = k->p[k->size - 1] = fill;
	return think(seed);
}

static void *hammer(void *arg)
{
	struct kept all[KEPT] = { 0 };
	uint64_t seed = think((uintptr_t)arg + 1);
	bool first = !arg;
	unsigned i;

	__atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		for (i = 0; i < TURNS_A_BEAT; i++)
			seed = take_turn(all, seed);
		__atomic_add_fetch(&heartbeat->beats, 1, __ATOMIC_SEQ_CST);
		if (first && !victim_obey_now(NULL))
			return NULL;
	}
}

/* Its own signals, which are not blocked meanwhile, cut the nap short. */
static void take_a_nap(int signo)
{
	struct timespec nap = { .tv_nsec = SIGNAL_US * 1000 };
	int errnum = errno;

	(void)signo;
	if (naps)
		return;
	naps = true;
	while (nanosleep(&nap, &nap) && errno == EINTR)
		;
	naps = false;
	errno = errnum;
}

static void start_signals(void)
{
	struct sigaction act = { .sa_handler = take_a_nap,
				 .sa_flags = SA_RESTART | SA_NODEFER };
	struct itimerval each = { .it_interval = { .tv_usec = SIGNAL_US },
				  .it_value = { .tv_usec = SIGNAL_US } };

	sigaction(SIGPROF, &act, NULL);
	setitimer(ITIMER_PROF, &each, NULL);
}

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--threads")) {
		threads = victim_number(value);
	} else if (!strcmp(name, "--most")) {
		most = victim_number(value);
	} else if (!strcmp(name, "--how")) {
		signals = !strcmp(value, "signals");
		aligned = signals || !strcmp(value, "aligned");
	} else {
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	uint64_t i;

	victim_begin(argc, argv, option);
	for (i = 0; i < threads; i++)
		victim_thread(hammer, (void *)(uintptr_t)(i + 1));
	while (__atomic_load_n(&running, __ATOMIC_SEQ_CST) != threads)
		usleep(1000);
	if (signals)
		start_signals();
	victim_ready();
	hammer(NULL);
	return 0;
}
