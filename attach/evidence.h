/**
 * @file evidence.h - what a search has learnt of threads that it let go again.
 *
 * To judge a thread takes long: it is copied, let go, and its frames are found
 * in the copy. A thread that never rests is elsewhere by then. But what was
 * found makes the proof of a later stop short enough for a thread that is held.
 */
#ifndef ATTACH_EVIDENCE_H
#define ATTACH_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/thread_copy.h"

enum {
	EVIDENCE_THREADS = 64,
	EVIDENCE_PLACES = 8,
};

/** Zero-initialised knows nothing. */
struct evidence {
	/* Threads that were followed to the root of their stack. */
	struct {
		pid_t tid;
		int64_t at; /* clock_us() */
	} followed[EVIDENCE_THREADS];
	size_t n_followed, next_followed;
	/* What the frames of safe copies follow from. */
	struct evidence_place {
		pid_t tid;
		int64_t at;
		struct unwind_inputs inputs;
	} * places; /* owned; NULL: none yet */
	size_t n_places, next_place;
};

void evidence_release(struct evidence *evidence);

/** Notes that a copy of thread @tid had @frames; what was known of it is
 *  forgotten when they are not complete, or a signal handler's. @safe: it stood
 *  at a system call, no wait for a lock, and none of the frames was in unsafe
 *  code. (Without memory it is not noted.) */
void evidence_learn(struct evidence *evidence, pid_t tid,
		    const struct unwind *frames, bool safe);

/** Thread @tid was followed to the root of its stack a moment ago: in code that
 *  can be followed, and in no signal handler. That need not be done again so
 *  soon. */
bool evidence_is_followed(const struct evidence *evidence, pid_t tid);

/** @copy of thread @tid, at a call like the one of a safe copy, has the frames
 *  of that copy. What else is on its stack does not matter. */
bool evidence_has_frames(const struct evidence *evidence, pid_t tid,
			 const struct thread_copy *copy);

/** Something of the above may be true of thread @tid. */
bool evidence_knows(const struct evidence *evidence, pid_t tid);

#endif
