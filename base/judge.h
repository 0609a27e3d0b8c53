/**
 * @file judge.h - the interface that decides whether a thread is safe to use.
 *
 * attach/ stops threads and copies them; it knows nothing of symbols, unwind
 * tables or allocators. target/ does, and holds no thread. So attach/ asks
 * target/ through this interface, which their common caller passes in.
 */
#ifndef BASE_JUDGE_H
#define BASE_JUDGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/thread_copy.h"
#include "base/verdict.h"

struct maps; /* proc/maps.h */

/** A copied thread, and what else is known of it. All pointers are borrowed. */
struct judge_case {
	pid_t pid;		 /* its process, */
	const struct maps *maps; /* and what is mapped there */
	const struct thread_copy *copy;
	bool waits;    /* in a system call: before and at the stop */
	bool for_lock; /* and that may be a wait for a lock */
	bool at_call;  /* it waits, or has just left a call without a lock */
	/* A waiting thread needs no unwind information: no thread was found
	 * that has it. */
	bool scan_decides;
};

struct judge {
	/**
	 * Judges by the PC and the words of the stack alone, also by where
	 * signals came: VERDICT_USABLE, VERDICT_INSIDE, or VERDICT_NOT_NOW
	 * where a signal hides that. Also called while the thread is held; so
	 * it takes microseconds, and reads nothing but the copy.
	 */
	struct verdict (*scan)(const void *arg, const struct thread_copy *copy,
			       bool at_call);
	/** Judges by everything that can be known. The thread must not be held
	 *  meanwhile. *frames (may be NULL) are those of the copy, whatever the
	 *  verdict, unless it is VERDICT_FAILED. */
	struct verdict (*judge)(const void *arg, const struct judge_case *c,
				struct unwind *frames);
	const void *arg;
};

#endif
