/*
 * malloc_heavy N: allocates N blocks of 16 to 1,024 bytes, of which 10,000 are
 * there at a time, and leaves the last of them and 1,000 more.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LIVE = 10000, LEFT = 1000 };

static char *live[LIVE];
static char *volatile left;

static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static __attribute__((noinline)) char *make(uint32_t *state)
{
	size_t size = 16 + next(state) % 1009;
	char *p = malloc(size);

	memset(p, 1, size < 64 ? size : 64);
	return p;
}

int main(int argc, char **argv)
{
	long i, n = argc > 1 ? strtol(argv[1], NULL, 10) : 1000000;
	uint32_t state = 1;

	for (i = 0; i < n; i++) {
		size_t at = next(&state) % LIVE;

		free(live[at]);
		live[at] = make(&state);
	}
	for (i = 0; i < LEFT; i++)
		left = make(&state);
	return 0;
}
