/**
 * @file judge.h - who says whether a thread is safe.
 *
 * attach/ stops threads and copies them; it knows nothing of symbols, unwind
 * tables or allocators. target/ does, and holds no thread. So the one asks the
 * other, through what it is handed by who knows both.
 */
#ifndef BASE_JUDGE_H
#define BASE_JUDGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/thread_copy.h"
#include "base/verdict.h"

struct maps; /* proc/maps.h */

/** A copied thread, and what is known of it besides. All is borrowed. */
struct judge_case {
	pid_t pid;		 /* its process, */
	const struct maps *maps; /* and what is mapped there */
	const struct thread_copy *copy;
	bool waits;    /* in a system call: before the stop, and on */
	bool for_lock; /* which may be a wait for a lock */
	/* One that waits needs no unwind information: no thread was found that
	 * has it. */
	bool scan_decides;
};

struct judge {
	/**
	 * By its PC and the words of its stack alone: VERDICT_USABLE or
	 * VERDICT_INSIDE. This is asked of a thread that is held, too; so it
	 * takes microseconds, and reads nothing but the copy.
	 */
	struct verdict (*scan)(const void *arg, const struct thread_copy *copy,
			       bool waits);
	/** By all that can be known. The thread must not be held meanwhile.
	 *  *frames (may be NULL: only the verdict counts) are those of the
	 * copy, whatever the verdict, unless it is VERDICT_FAILED. */
	struct verdict (*judge)(const void *arg, const struct judge_case *c,
				struct unwind *frames);
	const void *arg;
};

#endif
