/**
 * @file sample.h - a thread of the service is stopped and copied, and let go.
 */
#ifndef ATTACH_SAMPLE_H
#define ATTACH_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/arch.h"
#include "attach/borrow_request.h"
#include "attach/candidates.h"
#include "attach/sched_boost.h"
#include "attach/seccomp.h"
#include "attach/tracee.h"
#include "base/error.h"
#include "base/thread_copy.h"
#include "base/verdict.h"
#include "proc/maps.h"

/** What seccomp filters forbid. */
enum filters_forbid {
	FORBIDS_NOTHING,
	FORBIDS_THREADS, /* to make a thread */
	FORBIDS_ALL,
};

/** The thread that is stopped, one at a time. */
struct held_thread {
	struct tracee tracee;		/* STOPPED */
	struct arch_regs regs;		/* as found */
	struct sched_boost sched_boost; /* ours, while it is stopped */
	int64_t stopped_at;	      /* clock_us() when it was asked to stop */
	int64_t pause_us;	      /* longest stop of any thread so far */
	struct seccomp_allows allows; /* what its seccomp filters allow */
	bool restarts; /* they forbid to go on with a wait: it starts anew */
	enum filters_forbid forbids; /* the most that any thread's do */
};

/** A stopped thread, as far as it must be known to be judged. */
struct sample {
	struct arch_regs regs;
	struct thread_copy copy;
	struct seccomp_filters filters;
};

/**
 * Stops thread @c and copies it: host->regs are its registers. It is held then,
 * unless seizing it failed: give it back by held_let_go(), whatever the verdict
 * (VERDICT_USABLE, VERDICT_NOT_NOW or VERDICT_FAILED). @maps: of its process.
 * sample_release().
 */
struct verdict sample_take(struct held_thread *held,
			   const struct borrow_request *request,
			   const struct maps *maps, const struct candidate *c,
			   struct sample *ret);

void sample_release(struct sample *sample);

/** Same registers and same stack. */
bool sample_equal(const struct sample *a, const struct sample *b);

/** There is too little room below its stack pointer for @use. */
bool sample_lacks_headroom(const struct sample *sample, enum borrow_use use);

/** Ends the tracing of a thread. A wait that our stop ended with EINTR is
 *  issued again first. @regs: those that our stop left it with, NULL when it
 * was put home after calls. */
struct hs_error *held_let_go(struct held_thread *held,
			     const struct arch_regs *regs) hs_must_check;

/** The longest time, in microseconds, for which any thread was stopped. */
int64_t held_pause_us(const struct held_thread *held);

#endif
