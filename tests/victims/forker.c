/*
 * A service that allocates, and then makes workers of itself by fork(2).
 *
 *	--children N	so many (4)
 *	--mib N		before the fork, in objects of 16,000 bytes (50)
 *	--touch N	MiB of these that each worker writes to (5)
 *
 * Worker K of N keeps K MiB more, in objects of 16,000 bytes. After "ready"
 *come "before BYTES OBJECTS" and, of all workers together, "own BYTES OBJECTS",
 *BYTES in usable sizes. The workers end with it.
 */
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { SIZE = 16000, PER_MIB = 64, MAX = 1 << 18 };

static uint64_t n_children = 4, mib = 50, touched = 5;
static void *kept[MAX];
static size_t usable;

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--children"))
		n_children = victim_number(value);
	else if (!strcmp(name, "--mib"))
		mib = victim_number(value);
	else if (!strcmp(name, "--touch"))
		touched = victim_number(value);
	else
		return false;
	return true;
}

__attribute__((noinline)) static void *before_fork(void)
{
	void *p = malloc(SIZE);

	usable = malloc_usable_size(p);
	return memset(p, 'x', SIZE);
}

__attribute__((noinline)) static void *in_worker(void)
{
	return memset(malloc(SIZE), 'y', SIZE);
}

static void work(size_t number, int ready)
{
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < number * PER_MIB; i++)
		kept[MAX - 1 - i] = in_worker();
	for (i = 0; i < touched * PER_MIB; i++)
		memset(kept[i], 'z', SIZE);
	if (write(ready, "", 1) != 1)
		_exit(2);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	size_t i, n, own = 0;
	int ready[2];
	char c;

	victim_begin(argc, argv, option);
	n = mib * PER_MIB;
	if (n > MAX / 2 || pipe(ready))
		return 2;
	for (i = 0; i < n; i++)
		kept[i] = before_fork();
	for (i = 1; i <= n_children; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 2;
		if (!pid)
			work(i, ready[1]);
		own += i * PER_MIB;
	}
	for (i = 0; i < n_children; i++) {
		if (read(ready[0], &c, 1) != 1)
			return 2;
	}
	victim_ready();
	victim_say("before %zu %zu", n * usable, n);
	victim_say("own %zu %zu", own * usable, own);
	victim_obey(NULL);
	return 0;
}
