/*
 * A program with large objects of sizes between size classes, in whose last
 * words are the only pointers to small ones: nothing is leaked. It says what
 * they all are by malloc_usable_size() ("large OBJECTS BYTES"), how many small
 * ones there are
 * ("small SIZE OBJECTS"), and what jemalloc itself counts as allocated while
 * its thread keeps nothing in its cache ("allocated BYTES").
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/victims/alloc.h"
#include "tests/victims/victim.h"

enum { EACH = 40, SIZES = 5, SMALL = 448 };

static const size_t sizes[SIZES] = { 33000, 90000, 300000, 1100000, 4300000 };

/* Not static: nobody reads it. */
void *kept[EACH * SIZES];
static uint64_t n_kept, bytes;

/* Calls before may have left addresses in what is taken anew. */
static void *make(size_t size)
{
	void *p = malloc(size);

	if (!p) {
		victim_harmed("no memory");
		return NULL;
	}
	return memset(p, 0, malloc_usable_size(p));
}

static void keep(size_t size)
{
	char *large = make(size);
	const size_t usable = malloc_usable_size(large);

	*(void **)(large + usable / 8 * 8 - 8) = make(SMALL);
	kept[n_kept++] = large;
	bytes += usable;
}

static size_t allocated(void)
{
	uint64_t epoch = 1;
	size_t ret = 0, len = sizeof(ret);

	mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
	mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
	if (mallctl("stats.allocated", &ret, &len, NULL, 0))
		victim_harmed("mallctl");
	return ret;
}

int main(int argc, char **argv)
{
	size_t i, k;

	victim_begin(argc, argv, NULL);
	for (k = 0; k < EACH; k++)
		for (i = 0; i < SIZES; i++)
			keep(sizes[i]);
	victim_say("large %" PRIu64 " %" PRIu64, n_kept, bytes);
	victim_say("small %d %" PRIu64, SMALL, n_kept);
	victim_say("allocated %zu", allocated());
	victim_ready();
	victim_obey(NULL);
	return 0;
}
