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

enum heap_ledger_part {
	HEAP_LEDGER_LIVE,     /* allocations */
	HEAP_LEDGER_TCACHE,   /* free, kept by threads */
	HEAP_LEDGER_SLACK,    /* free, inside pages in use */
	HEAP_LEDGER_KEPT,     /* freed pages that jemalloc keeps */
	HEAP_LEDGER_METADATA, /* jemalloc's own data */
	HEAP_LEDGER_ABSENT,   /* of these, not resident: negative or 0 */
	HEAP_LEDGER_STACKS,
	HEAP_LEDGER_FILES, /* that are mapped */
	HEAP_LEDGER_SHARED,
	HEAP_LEDGER_MMAP, /* anonymous, not jemalloc's */
	HEAP_LEDGER_BRK,
	HEAP_LEDGER_CODE,
	HEAP_LEDGER_OTHER,
	HEAP_LEDGER_UNATTRIBUTED,
	HEAP_LEDGER_PARTS,
};

struct heap_ledger {
	bool known;  /* there are jemalloc's numbers and RSS */
	bool split;  /* the kernel's mappings, too; else all that is not
			jemalloc's is unattributed */
	bool coarse; /* the kernel's sums alone, no mappings */
	int64_t parts[HEAP_LEDGER_PARTS]; /* bytes; they add up to rss */
	int64_t rss;
	int64_t swap;	/* swapped out, not in rss */
	int64_t active; /* bytes in pages in use, jemalloc's count */
};

/** Makes the ledger of @o. */
void heap_ledger_make(const struct heap_origin *o, struct heap_ledger *ret);

/** The parts of both are made in the same way: they can be compared. */
bool heap_ledger_comparable(const struct heap_ledger *a,
			    const struct heap_ledger *b);

/** Only what is not in jemalloc's hands. */
bool heap_ledger_outside(enum heap_ledger_part part);

/** The word for @part in JSON: "live", "thread_caches", ... */
const char *heap_ledger_name(enum heap_ledger_part part);

#endif
