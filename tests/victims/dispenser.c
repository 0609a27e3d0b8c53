/*
 * Allocates as programs do, through functions of its own.
 *
 * Eight functions have memory from dispense(), which no list of names has: 1 to
 * 6 MiB each, in objects of 1 to 6 KiB. hoard() has 8 MiB in objects of 8 KiB
 * for one caller: it is a leak, not a wrapper, and so is grow_malloc() with 7
 * MiB, whatever its name.
 */
#include <stdlib.h>

#include "tests/victims/victim.h"

enum { KIB = 1 << 10, HALF = KIB / 2, OBJECTS = 1 << 10 };

/* Keeps a call from becoming a jump: its caller must be on the stack. */
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")
#define OWN __attribute__((noinline, noclone))

/* What nobody has seen, the compiler does not allocate. */
static void *volatile last;

OWN static void *dispense(size_t size)
{
	last = malloc(size);
	KEEP_FRAME();
	return last;
}

#define USER(name, size)                        \
	OWN static void name(void)              \
	{                                       \
		int i;                          \
                                                \
		for (i = 0; i < OBJECTS; i++) { \
			dispense(size);         \
			KEEP_FRAME();           \
		}                               \
	}

USER(make_index, 1 * KIB)
USER(make_names, 2 * KIB)
USER(make_fonts, 2 * KIB + HALF)
USER(make_pages, 3 * KIB)
USER(make_icons, 3 * KIB + HALF)
USER(make_table, 4 * KIB)
USER(make_users, 5 * KIB)
USER(make_words, 6 * KIB)

OWN static void hoard(void)
{
	last = malloc(8 * KIB);
	KEEP_FRAME();
}

OWN static void grow_malloc(void)
{
	last = malloc(7 * KIB);
	KEEP_FRAME();
}

OWN static void serve(void)
{
	int i;

	for (i = 0; i < OBJECTS; i++) {
		hoard();
		grow_malloc();
		KEEP_FRAME();
	}
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, NULL);
	make_index();
	make_names();
	make_pages();
	make_table();
	make_users();
	make_words();
	make_fonts();
	make_icons();
	serve();
	victim_ready();
	victim_obey(NULL);
	return 0;
}
