/*
 * All threads that can be borrowed have never allocated: the one that has is
 * inside of exit(3), where nobody may be borrowed, and obeys its commands from
 * there; the others only wait.
 *
 * It says "kept OBJECTS BYTES" before it is ready, in usable sizes.
 */
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { OBJECTS = 1000, SIZE = 512, THREADS = 4 };

static void *kept[OBJECTS];

static void *wait_for_ever(void *arg)
{
	for (;;)
		if (poll(NULL, 0, -1) < 0)
			victim_interrupted();
	return arg;
}

static void obey(void)
{
	victim_ready();
	victim_obey(NULL);
}

__attribute__((noinline)) static void keep_some(void)
{
	size_t i, bytes = 0;

	for (i = 0; i < OBJECTS; i++) {
		kept[i] = malloc(SIZE);
		if (!kept[i])
			_exit(2);
		bytes += malloc_usable_size(kept[i]);
	}
	victim_say("kept %d %zu", OBJECTS, bytes);
}

int main(int argc, char **argv)
{
	int i;

	victim_begin(argc, argv, NULL);
	for (i = 0; i < THREADS; i++)
		victim_thread(wait_for_ever, NULL);
	keep_some();
	if (atexit(obey))
		return 2;
	return 0;
}
