/*
 * Much memory in small pages, in one mapping, and a thread that makes and
 * removes a mapping of its own again and again: how long that took at most.
 *
 * Options: --mib N, of memory that is touched.
 *
 * Commands:
 *	longest	prints "longest US" and begins again
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { GUARD = 1 << 20 };

static uint64_t mib = 64;
static int64_t longest;

static bool option(const char *name, const char *value)
{
	if (strcmp(name, "--mib"))
		return false;
	mib = victim_number(value);
	return true;
}

/* Not to be written to: the kernel would make one mapping of it and a neighbour
 * of jemalloc's, and nobody could tell for that moment whose memory that is. */
static void *map_and_unmap(void *arg)
{
	(void)arg;
	for (;;) {
		int64_t start = victim_now(), took;
		char *p = mmap(NULL, 1 << 16, PROT_READ,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED || munmap(p, 1 << 16))
			victim_harmed("mmap: %s", strerror(errno));
		took = victim_now() - start;
		if (took > __atomic_load_n(&longest, __ATOMIC_SEQ_CST))
			__atomic_store_n(&longest, took, __ATOMIC_SEQ_CST);
		usleep(200);
	}
	return NULL;
}

static bool command(const char *line)
{
	if (strcmp(line, "longest"))
		return false;
	victim_say("longest %lld", (long long)__atomic_exchange_n(
					   &longest, 0, __ATOMIC_SEQ_CST));
	return true;
}

int main(int argc, char **argv)
{
	size_t i, size;
	char *p;

	victim_begin(argc, argv, option);
	size = mib << 20;
	/* With guards: the kernel makes one of two that touch. */
	p = mmap(NULL, size + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		 -1, 0);
	if (p == MAP_FAILED ||
	    mprotect(p += GUARD, size, PROT_READ | PROT_WRITE)) {
		victim_harmed("mmap: %s", strerror(errno));
		return 1;
	}
	madvise(p, size, MADV_NOHUGEPAGE);
	for (i = 0; i < size; i += 4096)
		p[i] = 1;
	victim_thread(map_and_unmap, NULL);
	victim_ready();
	victim_obey(command);
	return 0;
}
