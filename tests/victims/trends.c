/*
 * One place that leaks a MiB at each step, one that fills and clears a cache of
 * 8 MiB in turn, one that grows by 12 MiB at the third step, once, and one
 *whose size never changes.
 *
 *	step		prints "step N"
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/victims/victim.h"

enum { PIECE = 16 * 1024, CACHE = 8 << 20, LEAK = 1 << 20, ONCE = 12 << 20 };

static void *volatile last; /* what is never freed is reachable, or not */
static void *cache[CACHE / PIECE];
static uint64_t steps;

#define KEEP_FRAME() __asm__ volatile("" ::: "memory")

__attribute__((noinline)) static void leaks(void)
{
	size_t i;

	for (i = 0; i < LEAK / PIECE; i++)
		last = malloc(PIECE);
	KEEP_FRAME();
}

__attribute__((noinline)) static void cycles(void)
{
	size_t i;

	for (i = 0; i < CACHE / PIECE; i++) {
		if (cache[i]) {
			free(cache[i]);
			cache[i] = NULL;
		} else {
			cache[i] = malloc(PIECE);
		}
	}
	KEEP_FRAME();
}

__attribute__((noinline)) static void grows_once(void)
{
	size_t i;

	for (i = 0; i < ONCE / PIECE; i++)
		last = malloc(PIECE);
	KEEP_FRAME();
}

__attribute__((noinline)) static void stays(void)
{
	size_t i;

	for (i = 0; i < CACHE / PIECE; i++)
		last = malloc(PIECE);
	KEEP_FRAME();
}

static bool command(const char *line)
{
	if (strcmp(line, "step") != 0)
		return false;
	leaks();
	cycles();
	if (++steps == 3)
		grows_once();
	victim_say("step %llu", (unsigned long long)steps);
	return true;
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, NULL);
	stays();
	victim_ready();
	victim_obey(command);
	return 0;
}
