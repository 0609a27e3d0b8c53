/**
 * @file borrow.h - the thread that is borrowed: proved safe, then stopped.
 *
 * Threads are ranked without stopping any. The best is stopped for some
 * microseconds to be copied, the copy is judged while it runs on, and then it
 * is stopped again: unchanged, or scanned once more, it may be used. Nobody
 * safe: the next one, until the deadline.
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
 * Finds a safe thread and stops it. HS_ERROR_UNSAFE with what was seen when
 * there is none until the deadline; HS_ERROR_DENIED at once when seccomp
 * filters forbid it in every thread: ret->forbids tells what. Give it back by
 * borrow_release().
 */
struct hs_error *borrow_take(const struct borrow_request *request,
			     struct held_thread *ret) hs_must_check;

/** Lets it go. A wait that our stop ended with EINTR is issued again first
 *  (only when the thread is as borrow_take() gave it: a remote that used it has
 *  put it home already). */
struct hs_error *borrow_release(struct held_thread *held,
				bool used) hs_must_check;

/** What borrow_take() thinks of one thread. */
struct borrow_opinion {
	bool safe;	 /* for the request's use, at the moment of the look */
	char why[160];	 /* if not: "is inside jemalloc" */
	uint64_t inside; /* the word that says so; 0: none */
	bool sampled;	 /* it was stopped, and unwind holds its frames */
	struct unwind unwind;
	int64_t pause_us; /* for how long it was stopped */
};

/** Looks at thread @tid as borrow_take() would when no thread has a complete
 *  unwind, and lets it go on. For reports: it may be anywhere else a moment
 *  later. */
struct hs_error *borrow_examine(const struct borrow_request *request, pid_t tid,
				struct borrow_opinion *ret) hs_must_check;

#endif
