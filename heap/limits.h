/**
 * @file limits.h - the limits of memory that a process may run into.
 */
#ifndef HEAP_LIMITS_H
#define HEAP_LIMITS_H

#include <stdint.h>

enum heap_limit_kind {
	/* Of its control group or one above, whichever has the least left. Used
	 * by all of the group's processes: what is anonymous, the kernel's, and
	 * shared memory, not the page cache, which is given back first. */
	HEAP_LIMIT_GROUP_MAX,  /* memory.max */
	HEAP_LIMIT_GROUP_HIGH, /* memory.high */
	HEAP_LIMIT_ADDRESSES,  /* RLIMIT_AS, against VmSize */
	HEAP_LIMIT_DATA,       /* RLIMIT_DATA, against VmData */
	HEAP_LIMIT_MACHINE,    /* MemTotal; used: what is not MemAvailable */
	HEAP_LIMITS,
};

/** Bytes; -1: no such limit, or not known. */
struct heap_limit {
	int64_t bytes, used;
};

#endif
