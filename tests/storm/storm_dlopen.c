/* dlopen: a library that is loaded, called and unloaded, by two threads, while
 * others allocate. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/storm/storm.h"
#include "tests/victims/victim.h"

enum { LOADERS = 2, BURST = 20, CALL = 1000, SUM = CALL * (CALL + 1) / 2 };

static char library[4096];

/* It stands next to this program. */
static void begin_dlopen(void)
{
	ssize_t n = readlink("/proc/self/exe", library, sizeof(library) - 16);

	if (n > 0)
		snprintf(library + n, 16, "-plugin.so");
}

static void turn_dlopen(struct worker *w)
{
	unsigned (*sum)(unsigned);
	void *handle;

	if (w->number >= LOADERS) {
		storm_allocate(w, BURST);
		return;
	}
	handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		victim_harmed("%s", dlerror());
		return;
	}
	*(void **)&sum = dlsym(handle, "plugin_sum");
	if (!sum || sum(CALL) != SUM)
		victim_harmed("a function of a library gave a wrong sum");
	if (dlclose(handle))
		victim_harmed("%s", dlerror());
}

const struct load load_dlopen = {
	.name = "dlopen",
	.workers = 4,
	.begin = begin_dlopen,
	.turn = turn_dlopen,
};
