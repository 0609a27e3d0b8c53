/**
 * @file borrow.h - the thread that is borrowed: proved safe, then stopped.
 *
 * Threads are ranked without stopping any. The best is stopped for some
 * microseconds to be copied, the copy is scanned and unwound while it runs on,
 * and then it is stopped again: unchanged, or scanned once more, it may be
 * used. Nobody safe: the next one, until the deadline.
 */
#ifndef ATTACH_BORROW_H
#define ATTACH_BORROW_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/arch.h"
#include "attach/sched_boost.h"
#include "base/code_map.h"
#include "attach/seccomp.h"
#include "attach/tracee.h"
#include "target/unwind.h"
#include "base/deadline.h"
#include "base/error.h"

struct host {
	struct tracee tracee;	      /* STOPPED */
	struct arch_regs regs;	      /* as found */
	struct boost boost;	      /* ours, while it is stopped */
	int64_t stopped_at;	      /* clock_us() when it was asked to stop */
	int64_t pause_us;	      /* longest stop of any thread so far */
	struct seccomp_allows allows; /* what its seccomp filters allow */
	bool anew;     /* they forbid to go on with a wait: it starts anew */
	bool no_guest; /* after a failure: only since no thread's filters
			  allow to make a thread */
};

/** How much of the target's stack and time the host will be used for. */
enum host_use {
	HOST_FOR_GUEST, /* one pthread_create() */
	HOST_BORROWED,	/* all calls run on it: blocked in a system call, with
			   more room on its stack, never cancelled */
};

/**
 * Finds a safe thread of process @pid and stops it. HS_ERROR_UNSAFE with what
 * was seen when there is none until @d; HS_ERROR_DENIED at once when seccomp
 * filters forbid it in every thread. Give it back by host_release().
 * @assume_seccomp_allows: go on where the filters cannot be read.
 */
struct hs_error *host_take(pid_t pid, const struct code_map *code,
			   enum host_use use, bool assume_seccomp_allows,
			   const struct deadline *d,
			   struct host *ret) hs_must_check;

/** Lets it go. A wait that our stop ended with EINTR is issued again first
 *  (only when the thread is as host_take() gave it: a remote that used it has
 *  put it home already). */
struct hs_error *host_release(struct host *host, bool used) hs_must_check;

/** The longest time, in microseconds, for which it or a rejected thread was
 *  stopped. */
int64_t host_pause_us(const struct host *host);

/** What host_take() thinks of one thread. */
struct host_opinion {
	bool safe;	 /* for HOST_FOR_GUEST, at the moment of the look */
	char why[160];	 /* if not: "is inside jemalloc" */
	uint64_t inside; /* the word that says so; 0: none */
	bool looked;	 /* it was stopped, and unwind holds its frames */
	struct unwind unwind;
	int64_t pause_us; /* for how long it was stopped */
};

/** Looks at thread @tid as host_take() would, and lets it go on. For reports:
 *  it may be anywhere else a moment later. */
struct hs_error *host_examine(pid_t pid, const struct code_map *code, pid_t tid,
			      bool assume_seccomp_allows,
			      struct host_opinion *ret) hs_must_check;

#endif
