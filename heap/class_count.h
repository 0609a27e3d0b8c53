/**
 * @file class_count.h - jemalloc's exact count of the regions of a size class.
 *
 * All arenas together: curregs of a bin, curlextents of a large class. What
 * thread caches hold is counted as well. A small allocation that jemalloc
 * samples gets a page run of its own, and counts as a region of the smallest
 * large class (16 KiB) instead of its own (src/prof.c, arena_prof_promote()).
 */
#ifndef HEAP_CLASS_COUNT_H
#define HEAP_CLASS_COUNT_H

#include <stdint.h>

struct heap_class_count {
	uint64_t size; /* bytes */
	int64_t regions;
};

#endif
