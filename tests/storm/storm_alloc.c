/*
 * tight: malloc, realloc and free with nothing in between but a look at what
 * must not change: the memory itself, a sum of doubles, errno.
 * throw: C++ exceptions through several frames, which allocate and unwind.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/storm/storm.h"
#include "tests/victims/victim.h"

enum { KEPT = 16, BURST = 100, THROWS = 10, DEPTH = 8 };

static void nothing(void)
{
}

static bool filled(const unsigned char *p, size_t n, unsigned char with)
{
	while (n--) {
		if (p[n] != with)
			return false;
	}
	return true;
}

static void allocate_once(struct worker *w)
{
	size_t size = 16 + storm_random(w) % 2000, more = size * 2;
	unsigned char fill = (unsigned char)storm_random(w), *p, *kept;

	/* Some of them large: other code in the allocator, and in the
	 * kernel. */
	if (storm_random(w) % 512 == 0)
		more += 200000;
	p = malloc(size);
	kept = calloc(1, size);
	if (!p || !kept)
		victim_harmed("no memory for %zu bytes", size);
	memset(p, fill, size);
	p = realloc(p, more);
	if (!filled(p, size, fill) || !filled(kept, size, 0))
		victim_harmed("memory of thread %u changed", w->number);
	free(p);
	free(kept);
}

void storm_allocate(struct worker *w, unsigned times)
{
	double sum = 0.0;
	unsigned i;

	errno = 77;
	for (i = 1; i <= times; i++) {
		allocate_once(w);
		sum += 0.5;
		if (sum != i * 0.5)
			victim_harmed("a sum of doubles is %f", sum);
		if (errno != 77)
			victim_harmed("errno became %d", errno);
	}
}

static void turn_tight(struct worker *w)
{
	storm_allocate(w, BURST);
}

static void turn_throw(struct worker *w)
{
	unsigned i, depth, undone;

	for (i = 0; i < THROWS; i++) {
		depth = 1 + (unsigned)storm_random(w) % DEPTH;
		undone = storm_throw_and_catch(depth);
		if (undone != depth)
			victim_harmed("%u frames, %u undone", depth, undone);
	}
}

const struct load load_tight = {
	.name = "tight", .workers = 8, .begin = nothing, .turn = turn_tight
};

const struct load load_throw = {
	.name = "throw", .workers = 4, .begin = nothing, .turn = turn_throw
};
