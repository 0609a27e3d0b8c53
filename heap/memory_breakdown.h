/**
 * @file memory_breakdown.h - where the resident memory of a process is: parts
 * that add up to it.
 *
 * jemalloc tells how much of each it has (jemalloc(3), stats.*), without
 * knowing what of that was ever touched and is in memory: the kernel tells
 * that, of mappings. What is in jemalloc's mappings is split by jemalloc's
 * numbers, and what these have more than the mappings is a part of its own,
 * which is negative: memory that was allocated but never written, or is swapped
 * out.
 *
 * Which anonymous mappings are jemalloc's is known by their size in nearly all
 * processes (target/memory_use.h). Of what stays undecided at least as much is
 * not jemalloc's as is above jemalloc's count of what can be resident, and at
 * most as much as is above the address space it holds; what lies between the
 * two is unattributed.
 */
#ifndef HEAP_MEMORY_BREAKDOWN_H
#define HEAP_MEMORY_BREAKDOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "heap/profile.h"

enum heap_breakdown_part {
	HEAP_BREAKDOWN_LIVE,	 /* allocations */
	HEAP_BREAKDOWN_TCACHE,	 /* free, kept by threads */
	HEAP_BREAKDOWN_SLACK,	 /* free, inside pages in use */
	HEAP_BREAKDOWN_KEPT,	 /* freed pages that jemalloc keeps */
	HEAP_BREAKDOWN_METADATA, /* jemalloc's own data */
	HEAP_BREAKDOWN_ABSENT,	 /* of these, not resident: negative or 0 */
	HEAP_BREAKDOWN_STACKS,
	HEAP_BREAKDOWN_FILES, /* that are mapped */
	HEAP_BREAKDOWN_SHARED,
	HEAP_BREAKDOWN_MMAP, /* anonymous, not jemalloc's */
	HEAP_BREAKDOWN_BRK,
	HEAP_BREAKDOWN_CODE,
	HEAP_BREAKDOWN_OTHER,
	HEAP_BREAKDOWN_UNATTRIBUTED,
	HEAP_BREAKDOWN_PARTS,
};

struct heap_breakdown {
	bool known;  /* there are jemalloc's numbers and RSS */
	bool split;  /* the kernel's mappings, too; else all that is not
			jemalloc's is unattributed */
	bool coarse; /* the kernel's sums alone, no mappings */
	int64_t parts[HEAP_BREAKDOWN_PARTS]; /* bytes; they add up to rss */
	int64_t rss;
	int64_t swap;	/* swapped out, not in rss */
	int64_t active; /* bytes in pages in use, jemalloc's count */
};

/** Makes the memory breakdown of @o. */
void heap_breakdown_make(const struct heap_meta *o, struct heap_breakdown *ret);

/** The parts of both are made in the same way: they can be compared. */
bool heap_breakdown_comparable(const struct heap_breakdown *a,
			       const struct heap_breakdown *b);

/** Only what is not in jemalloc's hands. */
bool heap_breakdown_outside(enum heap_breakdown_part part);

/** The word for @part in JSON: "live", "thread_caches", ... */
const char *heap_breakdown_name(enum heap_breakdown_part part);

#endif
