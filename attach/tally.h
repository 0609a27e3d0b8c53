/**
 * @file tally.h - counts what a search for a safe moment met, for its refusal.
 */
#ifndef ATTACH_TALLY_H
#define ATTACH_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/verdict.h"
#include "proc/task.h"

enum { TALLY_REASONS = 12 };

/** A reason for which threads could not be used. */
struct tally_reason {
	const char *why, *what; /* borrowed, as in struct verdict */
	size_t n;		/* so many tries */
	pid_t tid;		/* of this thread first, */
	bool several;		/* and of another one */
};

/** Zero-initialised has counted nothing. */
struct tally {
	size_t tries;  /* looks at a thread that found it not usable */
	size_t passed; /* looks that found it usable, but not at the next one */
	struct tally_reason reasons[TALLY_REASONS];
	size_t n_reasons;   /* what came after them is counted in tries alone */
	size_t rounds;	    /* passes over all threads */
	size_t running;	    /* of those, in which a thread ran */
	bool runs;	    /* so in this one */
	struct hash places; /* where they were in this one */
	uint64_t first_places; /* in the first one in which none ran */
	bool moves;	       /* a thread was elsewhere in another one */
};

/** Begins a pass over all threads. */
void tally_begin_round(struct tally *tally);

/** Notes where thread @tid is in this pass. */
void tally_place(struct tally *tally, pid_t tid,
		 const struct task_syscall *where);

/** Ends it: did all stay where they were before? */
void tally_end_round(struct tally *tally);

/** Counts a look at thread @tid with @verdict. One without a text (the thread
 *  is gone, or no candidate) is not counted. */
void tally_add(struct tally *tally, pid_t tid, const struct verdict *verdict);

/** HS_ERROR_UNSAFE after @us microseconds: how many tries, the share of each
 *  reason, and which time-out would do, as far as that can be known. */
struct hs_error *tally_refusal(const struct tally *tally, int64_t us);

#endif
