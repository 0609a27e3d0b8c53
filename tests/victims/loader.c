/*
 * A process that got jemalloc by dlopen(3), for some of its memory: malloc() is
 * libc's, and kept objects come from both.
 *
 *	keep COUNT SIZE		in jemalloc, by way of keep_there()
 *
 * It answers "kept OBJECTS BYTES", in usable sizes.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { MAX = 100000 };

static void *kept[MAX];
static size_t n_kept, bytes;
static void *(*je_malloc)(size_t size);
static size_t (*je_usable)(void *p);

__attribute__((noinline)) static void *keep_there(size_t size)
{
	void *p = je_malloc(size);

	if (!p)
		_exit(2);
	memset(p, 'x', size);
	bytes += je_usable(p);
	return p;
}

static bool keep(const char *line)
{
	unsigned count, size;

	if (sscanf(line, "keep %u %u", &count, &size) != 2 ||
	    count > MAX - n_kept)
		return false;
	while (count--)
		kept[n_kept++] = keep_there(size);
	victim_say("kept %zu %zu", n_kept, bytes);
	return true;
}

static void find(void *library, const char *name, void *function)
{
	void *p = dlsym(library, name);

	if (!p)
		_exit(2);
	memcpy(function, &p, sizeof(p));
}

int main(int argc, char **argv)
{
	void *library;

	victim_begin(argc, argv, NULL);
	library = dlopen("libjemalloc.so.2", RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	find(library, "malloc", &je_malloc);
	find(library, "malloc_usable_size", &je_usable);
	/* Of libc: in no profile of jemalloc's. */
	if (!malloc(100))
		return 2;
	victim_ready();
	victim_obey(keep);
	return 0;
}
