/**
 * @file remote.h - runs calls in a stopped thread of the target.
 *
 * A remote is a stopped thread, its saved state, and scratch memory on its
 * stack. Calls run one after the other; between them the thread is stopped at
 * the entry of rt_sigreturn(2), and remote_end() restores it from there.
 *
 * At every instant the thread, left alone (we were killed, or time was up),
 * finishes the calls that it has begun and restores itself: they return into
 * the target's own sigreturn trampoline over a frame that has the saved state.
 * Every step from one to the next is a single PTRACE_SETREGSET, or the thread's
 * own rt_sigreturn over a frame that begins the next one (remote_chain()).
 */
#ifndef ATTACH_REMOTE_H
#define ATTACH_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/arch.h"
#include "attach/frame.h"
#include "attach/patience.h"
#include "attach/tracee.h"
#include "base/code_map.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/judge.h"
#include "base/thread_copy.h"

/** The callbacks of a running call's observer; any may be NULL. A handler of
 * the signal by which setuid(2) asks each thread may run within the call: its
 * system calls are told of, too, and must be let be. */
struct remote_watch {
	void *arg;
	/* A system call within the call ended with @result (-errno on failure).
	 * An error does not end the call: remote_call() returns it
	 * afterwards. */
	struct hs_error *(*syscall)(void *arg, uint64_t number,
				    const uint64_t args[6], int64_t result);
	/* A system call within the call begins: true when *by is to be issued
	 * instead. @number and @args of `syscall' are still the first ones. */
	bool (*replaces)(void *arg, uint64_t number, const uint64_t args[6],
			 struct arch_call *by);
	/* The call made thread @tid, which we trace. */
	void (*cloned)(void *arg, pid_t tid);
	/* What the call is made for has got on since this was last asked. NULL:
	 * it is nothing that takes long. */
	bool (*progressed)(void *arg);
};

struct remote {
	struct tracee *tracee;		  /* borrowed */
	const struct entry_points *entry; /* borrowed */
	/* Borrowed; NULL: no message says what a stuck call is inside of. */
	const struct judge *judge;
	struct call_limits limits;
	struct stack_bounds stack; /* of the thread: nothing else is written */
	int memory;		   /* owned: its program's (proc/memory.h) */
	struct arch_state saved;   /* owned */
	bool at_sleep;	   /* no call yet: stopped at the entry of its sleep,
			      which restoring ends (helper thread) */
	bool started;	   /* a call was begun: the saved state must be
			      restored */
	bool at_sigreturn; /* between calls: stopped at sigreturn's entry */
	bool broken;	   /* a call was left unfinished: the thread is in it */
	bool home;	   /* it has restored itself, or will when it is let go;
			      saved.regs are those of now if !started */
	bool stuck;	   /* since it did not return in time, or soon
			      after the user wanted to stop */
	bool crashed;	   /* a call got a fault of its own */
	bool ours;	   /* the thread was made for us (helper thread) */
	/* Two areas take the frames in turn: while the next call's frame is
	 * written the thread still stands on the last one's, which restores it
	 * if we are killed then. */
	bool odd;
	uint64_t scratch;   /* address of scratch memory on its stack */
	size_t scratch_len; /* bytes */
	/* What the thread runs when it is left alone; number < 0: nothing. */
	struct arch_call undo;
};

/**
 * Takes stopped thread @t as it is. Its stack is @stack, private memory that it
 * may write to, with headroom below SP (sample_lacks_headroom()). Sets
 * @scratch_len bytes of it aside for the caller's data. Changes nothing in the
 * target yet. remote_release().
 */
struct hs_error *remote_begin(struct remote *r, struct tracee *t,
			      const struct entry_points *entry,
			      const struct stack_bounds *stack,
			      size_t scratch_len) hs_must_check;

/**
 * Runs @call to its end. *result (if not NULL): the return value; of a function
 * its low 32 bits, and only when entry->result_register is known.
 * @watch may be NULL. Begins the call only before @d; gives it up only after @d
 * and when it has not progressed for some seconds, when r->limits say so
 * (attach/patience.h). Errors: time-out or interruption (sets r->broken: the
 * thread finishes the call alone), the thread ended, the call crashed
 * (remote_end() still restores the thread).
 */
struct hs_error *remote_call(struct remote *r, const struct arch_call *call,
			     const struct deadline *d,
			     const struct remote_watch *watch,
			     int64_t *result) hs_must_check;

/** Calls that follow each other without a stop; the last one makes a thread. */
struct remote_chain {
	const struct arch_call *calls; /* borrowed; functions */
	size_t n;		       /* at most ARCH_THEN_MAX */
	uint64_t left; /* address of 8 bytes of the scratch memory, by which the
			  thread tells that it has left the last one */
};

/** The thread can be made to, and its wait survives the rt_sigreturn(2) in
 *  between: it has no restart block. */
bool remote_may_chain(const struct remote *r);

/**
 * Runs @chain; @watch is told of the thread. Where nothing of its own state has
 * to be put right then, the one that made it goes home alone (r->home); so it
 * does when no thread was made. Else as after remote_call(), whose errors it
 * has.
 */
struct hs_error *remote_chain(struct remote *r,
			      const struct remote_chain *chain,
			      const struct deadline *d,
			      const struct remote_watch *watch) hs_must_check;

/**
 * Begins @call, a sleep, and detaches from the thread: it is not traced and not
 * stopped until remote_retake(). When the sleep ends before that, it restores
 * itself. No call may have been left unfinished, and one must have been made.
 */
struct hs_error *remote_leave(struct remote *r, const struct arch_call *call,
			      const struct deadline *d) hs_must_check;

/** Takes the thread out of that sleep, stopped, for further calls. False: it is
 *  not there any more, or cannot be traced; then remote_release() is all that
 *  is left to do. */
bool remote_retake(struct remote *r, const struct deadline *d);

/** Restores the saved state. The thread is still stopped then; resumed or
 *  detached, it continues as if nothing had happened. Does nothing after a
 *  broken call. */
struct hs_error *remote_end(struct remote *r) hs_must_check;

/** Frees our copy of its state; touches nothing in the target. */
void remote_release(struct remote *r);

/**
 * Copies @buf to the target, to @addr of its scratch memory or stack: below the
 * thread's SP and nowhere else, and to the program that it ran in
 * remote_begin(). HS_ERROR_GONE when that is gone, as after execve(2), which
 * may give the thread's number to another thread.
 */
struct hs_error *remote_write(struct remote *r, uint64_t addr, const void *buf,
			      size_t len) hs_must_check;

/** Copies @len bytes at @addr of that program. HS_ERROR_GONE as above. */
struct hs_error *remote_read(struct remote *r, uint64_t addr, void *buf,
			     size_t len) hs_must_check;

/**
 * The signals to block during a call: all but those that the kernel forces (a
 * blocked forced signal resets its handler and kills), and the one by which a
 * concurrent setuid() asks every thread and waits for its answer. The one that
 * cancels a thread is blocked: it would unwind the call half-way. @musl: the
 * target's libc is musl, which numbers the two otherwise.
 */
uint64_t remote_signal_mask(bool musl);

#endif
