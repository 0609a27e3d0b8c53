/**
 * @file memory_breakdown.h - splits the resident memory of a process into parts
 * that add up to it.
 *
 * jemalloc counts its memory by purpose (jemalloc(3), stats.*), without knowing
 * which of it was ever touched and is in memory; the kernel knows that, per
 * mapping. The memory of jemalloc's mappings is split by jemalloc's numbers.
 * When these are larger than the mappings, the difference is a part of its own,
 * which is negative: memory that was allocated but never written, or is swapped
 * out.
 *
 * Where jemalloc's records could be read (target/heap_use.h), each page in
 * memory is in one part by them, and nothing is estimated.
 *
 * Of several processes together, memory that n processes share counts as an nth
 * in each (PSS), so that the parts are what they take together. jemalloc counts
 * what a process has inherited from its parent in both: the difference is a
 * part of its own, which is negative.
 *
 * Else, in nearly all processes their size shows which anonymous mappings are
 * jemalloc's (target/memory_use.h). For undecided mappings there are bounds of
 * the memory that is not jemalloc's. Lower: their RSS - (what jemalloc says can
 * be resident - RSS of jemalloc's mappings). Upper: their size - (address space
 * that jemalloc holds - size of jemalloc's mappings). What lies between the two
 * is counted as jemalloc's as far as jemalloc says that it has so much, which
 * is then unsure; the rest of it is unattributed.
 */
#ifndef HEAP_MEMORY_BREAKDOWN_H
#define HEAP_MEMORY_BREAKDOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "heap/profile.h"

enum heap_breakdown_part {
	HEAP_BREAKDOWN_LIVE,	 /* allocations */
	HEAP_BREAKDOWN_TCACHE,	 /* free, in thread caches */
	HEAP_BREAKDOWN_SLACK,	 /* free, inside pages in use */
	HEAP_BREAKDOWN_KEPT,	 /* freed pages that jemalloc keeps */
	HEAP_BREAKDOWN_METADATA, /* jemalloc's own data */
	HEAP_BREAKDOWN_ABSENT,	 /* not resident of the above: negative or 0 */
	/* Of the above counted by others, too: those that several processes
	 * have together since a fork. Negative or 0; only of several. */
	HEAP_BREAKDOWN_INHERITED,
	HEAP_BREAKDOWN_STACKS,
	HEAP_BREAKDOWN_FILES, /* mapped files */
	HEAP_BREAKDOWN_SHARED,
	HEAP_BREAKDOWN_MMAP, /* anonymous, not jemalloc's */
	HEAP_BREAKDOWN_BRK,
	HEAP_BREAKDOWN_CODE,
	HEAP_BREAKDOWN_OTHER,
	HEAP_BREAKDOWN_UNATTRIBUTED,
	HEAP_BREAKDOWN_PARTS,
};

struct heap_breakdown {
	bool known;   /* jemalloc's numbers and RSS are known */
	bool split;   /* so are the kernel's mappings; else all non-jemalloc
			 memory is unattributed */
	bool coarse;  /* only the kernel's sums are known, no mappings */
	bool counted; /* by jemalloc's records */
	bool several; /* processes; rss is the sum of their PSS, if known */
	bool proportional;		     /* that is known */
	int64_t parts[HEAP_BREAKDOWN_PARTS]; /* bytes; they add up to rss */
	int64_t rss;
	int64_t swap; /* swapped out, not in rss */
	/* Of jemalloc's parts, at most: perhaps made by mmap(2), and as much of
	 * what jemalloc counts is not in memory. */
	int64_t unsure;
	int64_t active; /* bytes in pages in use, jemalloc's count */
	/* How long freed pages stay: HEAP_DECAY_NEVER: for ever; -1: unknown */
	int64_t kept_ms;
	/* Of parts: what sampling adds (heap/sampling_cost.h); negative: what
	 * it takes away. 0 where it is less than a tenth of active, in both
	 * readings that are compared: with the usual periods it is less than
	 * the profile's error. */
	int64_t sampling[HEAP_BREAKDOWN_PARTS];
	bool sampled; /* sampling is told apart in it */
};

/** Computes the memory breakdown of @o. */
void heap_breakdown_make(const struct heap_meta *o, struct heap_breakdown *ret);

/** Computes those of two readings in the same way, if need be without
 *  jemalloc's records, which one of them may lack. @before NULL: not known. */
void heap_breakdown_make_pair(const struct heap_meta *before,
			      const struct heap_meta *after,
			      struct heap_breakdown *ret_before,
			      struct heap_breakdown *ret_after);

/** Both are made in the same way, so their parts are comparable. */
bool heap_breakdown_comparable(const struct heap_breakdown *a,
			       const struct heap_breakdown *b);

/** Bytes of @part without what sampling itself does to it. */
int64_t heap_breakdown_net(const struct heap_breakdown *l,
			   enum heap_breakdown_part part);

/** The least growth that is worth a word: 256 KiB, and half a percent of
 *  resident memory. */
int64_t heap_breakdown_worth(const struct heap_breakdown *l);

/** By how much @part grew, without what sampling does to it: 0 unless both are
 *  comparable and it is worth a word: HEAP_BREAKDOWN_CODE from 1 MiB. */
int64_t heap_breakdown_growth(const struct heap_breakdown *before,
			      const struct heap_breakdown *after,
			      enum heap_breakdown_part part);

/** @part is not jemalloc's. */
bool heap_breakdown_outside(enum heap_breakdown_part part);

/** The word for @part in JSON: "live", "thread_caches", ... */
const char *heap_breakdown_name(enum heap_breakdown_part part);

#endif
