/*
 * Many stacks: ping() and pong() call each other 17 deep, the bits of a number
 * say which is next, and every path's leaf keeps one object. With
 * lg_prof_sample:0 the profile has as many stacks as there are paths.
 *
 *	--paths N	the first N of the 131072
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { DEPTH = 17, MAX_PATHS = 1 << DEPTH, SIZE = 64 };

static void *kept[MAX_PATHS];
static uint64_t paths = MAX_PATHS;

static void *ping(uint64_t path, int depth);
static void *pong(uint64_t path, int depth);

__attribute__((noinline)) static void *leaf(void)
{
	void *p = malloc(SIZE);

	__asm__ volatile("" ::: "memory");
	return p;
}

__attribute__((noinline)) static void *step(uint64_t path, int depth)
{
	void *p;

	if (depth == DEPTH)
		p = leaf();
	else if (path >> depth & 1)
		p = pong(path, depth + 1);
	else
		p = ping(path, depth + 1);
	__asm__ volatile("" ::: "memory");
	return p;
}

/* The asm texts differ, or one function would do for both (-fipa-icf). */
__attribute__((noinline, noclone)) static void *ping(uint64_t path, int depth)
{
	void *p = step(path, depth);

	__asm__ volatile("# ping" ::: "memory");
	return p;
}

__attribute__((noinline, noclone)) static void *pong(uint64_t path, int depth)
{
	void *p = step(path, depth);

	__asm__ volatile("# pong" ::: "memory");
	return p;
}

static bool option(const char *name, const char *value)
{
	if (strcmp(name, "--paths") != 0)
		return false;
	paths = victim_number(value);
	return paths <= MAX_PATHS;
}

int main(int argc, char **argv)
{
	uint64_t i;

	victim_begin(argc, argv, option);
	for (i = 0; i < paths; i++) {
		kept[i] = step(i, 0);
		if (!kept[i])
			_exit(2);
	}
	victim_ready();
	victim_obey(NULL);
	return 0;
}
