/**
 * @file program.h - which module of a profile is the program, and what people
 * call it.
 */
#ifndef OUTPUT_PROGRAM_H
#define OUTPUT_PROGRAM_H

#include <stdint.h>

#include "heap/profile.h"

struct program {
	uint32_t module; /* the one that has main(); HEAP_NO_MODULE: unknown */
	/* What it was started as, which may be a link to the module's file:
	 * "redis-server". Borrowed from the profile; NULL: nothing else is
	 * known than the file's name. */
	const char *name;
};

struct program program_of(const struct heap_profile *p);

#endif
