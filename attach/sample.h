/**
 * @file sample.h - stops a thread of the service, copies it, and lets it go.
 */
#ifndef ATTACH_SAMPLE_H
#define ATTACH_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/arch.h"
#include "attach/borrow_request.h"
#include "attach/candidates.h"
#include "attach/pause.h"
#include "attach/seccomp.h"
#include "attach/tracee.h"
#include "base/error.h"
#include "base/sched_boost.h"
#include "base/thread_copy.h"
#include "base/verdict.h"
#include "proc/maps.h"

/** What a thread's seccomp filters forbid. */
enum filters_forbid {
	FORBIDS_NOTHING,
	FORBIDS_THREADS, /* to make a thread */
	FORBIDS_ALL,
};

/** The thread that is held stopped, one at a time. */
struct held_thread {
	struct tracee tracee;  /* STOPPED */
	struct arch_regs regs; /* as found */
	struct stack_bounds stack;
	struct sched_boost sched_boost; /* our own, while the thread is
					   stopped */
	int64_t stopped_at;	      /* clock_us() when it was asked to stop */
	int64_t max_pause_us;	      /* of the request */
	bool over_max;		      /* a stop was longer, and that was said */
	struct pause longest;	      /* stop of any thread so far */
	int64_t stopped_us;	      /* all stops so far */
	struct seccomp_allows allows; /* what its seccomp filters allow */
	bool restarts; /* they forbid to continue a wait: it starts over */
	enum filters_forbid forbids; /* the strictest of all threads tried */
};

/** A copy of a stopped thread, for its judgement. */
struct sample {
	struct arch_regs regs;
	struct thread_copy copy;
	struct seccomp_filters filters;
	struct arch_wait wait; /* that it was in, by sample_find_wait() */
};

/**
 * Stops thread @c and copies it: held->regs are its registers. The thread is
 * held then, unless seizing it failed: release it by held_let_go(), whatever
 * the verdict (VERDICT_USABLE, VERDICT_NOT_NOW or VERDICT_FAILED). @maps: of
 * its process. @brief: it is not copied when its PC alone shows that it is
 * inside unsafe code (VERDICT_INSIDE), as that of a thread which nearly always
 * is does. sample_release().
 */
struct verdict sample_take(struct held_thread *held,
			   const struct borrow_request *request,
			   const struct maps *maps, const struct candidate *c,
			   bool brief, struct sample *ret);

void sample_release(struct sample *sample);

/** Finds the system call of a thread @tid that waits. It reads the thread's
 *  memory, and need not be held. */
void sample_find_wait(struct sample *sample, pid_t tid);

/** Same registers and same stack: @b is the same wait as @a, whose call is
 *  known. What the kernel itself has changed since is no difference: that it
 *  goes on with the wait by another call, and the time left. */
bool sample_equal(const struct sample *a, const struct sample *b);

/** True when too little stack is left below its stack pointer for @use. */
bool sample_lacks_headroom(const struct sample *sample, enum borrow_use use);

/** Ends the tracing of a thread. Issues a wait that our stop ended with EINTR
 *  again first. @regs: those that our stop left it with; NULL when it was
 *  restored after calls. HS_ERROR_UNSAFE when it was stopped for too long: it
 *  runs on all the same. */
struct hs_error *held_let_go(struct held_thread *held,
			     const struct arch_regs *regs) hs_must_check;

/** HS_ERROR_UNSAFE, once, when the thread has been stopped for longer than the
 *  request allows. It stays held. */
struct hs_error *held_check_pause(struct held_thread *held) hs_must_check;

#endif
