/*
 * Allocates through GLib's g_malloc(): six functions have 1 MiB from it, in
 * objects of 1 KiB. The library is loaded as a plugin would be, so that its
 * headers need not be there.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/victims/victim.h"

enum { KIB = 1 << 10, OBJECTS = 1 << 10 };

/* Keeps a call from becoming a jump: its caller must be on the stack. */
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")
#define OWN __attribute__((noinline, noclone))

static void *(*take)(size_t n);

static void *find(void *library, const char *name)
{
	void *found = library ? dlsym(library, name) : NULL;

	if (!found) {
		fprintf(stderr, "%s: %s\n", name, dlerror());
		exit(1);
	}
	return found;
}

#define USER(name)                              \
	OWN static void name(void)              \
	{                                       \
		int i;                          \
                                                \
		for (i = 0; i < OBJECTS; i++) { \
			take(KIB);              \
			KEEP_FRAME();           \
		}                               \
	}

USER(make_index)
USER(make_names)
USER(make_pages)
USER(make_table)
USER(make_users)
USER(make_words)

int main(int argc, char **argv)
{
	victim_begin(argc, argv, NULL);
	*(void **)&take =
		find(dlopen("libglib-2.0.so.0", RTLD_NOW), "g_malloc");
	make_index();
	make_names();
	make_pages();
	make_table();
	make_users();
	make_words();
	victim_ready();
	victim_obey(NULL);
	return 0;
}
