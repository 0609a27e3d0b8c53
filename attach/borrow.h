/**
 * @file borrow.h - finds a thread of the target that is safe to use, and holds
 * it stopped.
 *
 * The search ranks the threads without stopping any. It stops the best one for
 * some microseconds to copy it, judges the copy while the thread runs on, and
 * stops the thread again: unchanged, scanned once more, or with the frames of a
 * copy that was safe, it may be used (final_checks.h). If it is not safe, the
 * search goes on with the next one, until the deadline. Threads that run are
 * stopped again and again, for at most 2% of their time (pace.h), and what
 * their copies taught is enough to use them at one stop (evidence.h).
 */
#ifndef ATTACH_BORROW_H
#define ATTACH_BORROW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "attach/borrow_request.h"
#include "attach/sample.h"
#include "base/error.h"
#include "base/thread_copy.h"

/**
 * Finds a safe thread and stops it. HS_ERROR_UNSAFE with the reasons when there
 * is none until the deadline; HS_ERROR_DENIED at once when seccomp filters
 * forbid it in every thread: ret->forbids has the strictest. Give the thread
 * back by borrow_release().
 */
struct hs_error *borrow_take(const struct borrow_request *request,
			     struct held_thread *ret) hs_must_check;

/** Releases the thread. Issues a wait that our stop ended with EINTR again
 *  first. @used: a remote has used the thread, and has restored it already. */
struct hs_error *borrow_release(struct held_thread *held,
				bool used) hs_must_check;

/** The verdict of borrow_take() on one thread. */
struct borrow_opinion {
	bool safe;	 /* for the request's use, when it was sampled */
	char why[160];	 /* if not: "is inside jemalloc" */
	uint64_t inside; /* the address that shows it; 0: none */
	bool sampled;	 /* it was stopped, and unwind has its frames */
	struct unwind unwind;
	struct pause longest; /* how long it was stopped */
};

/** Judges thread @tid as borrow_take() would when no thread has a complete
 *  unwind, and lets it run on. For reports: the thread may be anywhere else a
 *  moment later. */
struct hs_error *borrow_examine(const struct borrow_request *request, pid_t tid,
				struct borrow_opinion *ret) hs_must_check;

#endif
