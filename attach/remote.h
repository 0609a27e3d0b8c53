/**
 * @file remote.h - calls run in a stopped thread of the target.
 *
 * A remote is a stopped thread, its state as it was ("home") and room on its
 * stack. Calls are run one after the other; between them the thread is stopped
 * at the entry of rt_sigreturn(2), and remote_end() sends it home from there.
 *
 * At every instant the thread, left alone (we were killed, or time was up),
 * finishes the call that it is in and restores itself: each call returns into
 * the target's own sigreturn trampoline over a frame that holds home. Every
 * step from one call to the next is a single PTRACE_SETREGSET.
 */
#ifndef ATTACH_REMOTE_H
#define ATTACH_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/arch.h"
#include "attach/frame.h"
#include "attach/tracee.h"
#include "base/code_map.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/judge.h"

/** What an observer of a running call is told; any may be NULL. */
struct remote_watch {
	void *arg;
	/* A system call of the call ended with @result (-errno on failure). An
	 * error does not end the call: remote_call() gives it back after. */
	struct hs_error *(*syscall)(void *arg, uint64_t number,
				    const uint64_t args[6], int64_t result);
	/* It made thread @tid, which is traced by us. */
	void (*cloned)(void *arg, pid_t tid);
};

struct remote {
	struct tracee *tracee;		  /* borrowed */
	const struct entry_points *entry; /* borrowed */
	/* Borrowed; NULL: what a call that does not come back is inside of
	 * cannot be told. */
	const struct judge *judge;
	struct arch_state saved; /* owned */
	bool at_sleep;	   /* no call yet: stopped at the entry of the sleep
			      whose end is home (helper thread) */
	bool started;	   /* a call was begun: home must be put back */
	bool at_sigreturn; /* between calls: stopped at sigreturn's entry */
	bool broken;	   /* a call was left unfinished: the thread is in it */
	bool crashed;	   /* a call got a fault of its own */
	bool ours;	   /* the thread was made for us (helper thread) */
	/* Frames are built in one of two areas in turn: the thread may stand
	 * on the frame of the last call while that of the next is written, and
	 * goes home by it if we are killed then. */
	bool odd;
	uint64_t scratch;   /* address of scratch memory on its stack */
	size_t scratch_len; /* bytes */
	/* Run by the thread when it is left alone: number < 0: nothing. */
	struct arch_call undo;
};

/**
 * Takes stopped thread @t as it is. Its stack must have room below SP
 * (sample_lacks_headroom()). @scratch_len bytes are set aside for the callers'
 * data. Changes nothing in the target yet. remote_release().
 */
struct hs_error *remote_begin(struct remote *r, struct tracee *t,
			      const struct entry_points *entry,
			      size_t scratch_len) hs_must_check;

/**
 * Runs @call to its end. *result (if not NULL): the return value; of a function
 * its low 32 bits, and only when entry->result_register is known.
 * @watch may be NULL. The call is begun only before @d, and given up only after
 * @d and when it made no system call for some seconds but such as wait.
 * Errors: time-out (r->broken is set: the thread finishes the call alone), the
 * thread ended, the call crashed (the thread was sent home).
 */
struct hs_error *remote_call(struct remote *r, const struct arch_call *call,
			     const struct deadline *d,
			     const struct remote_watch *watch,
			     int64_t *result) hs_must_check;

/** Puts home back. The thread is still stopped then, and goes on as if nothing
 *  had been when it is resumed or detached. After a broken call: nothing. */
struct hs_error *remote_end(struct remote *r) hs_must_check;

/** Frees our copy of its state; touches nothing in the target. */
void remote_release(struct remote *r);

/** Copies @buf to the target, to @addr of its scratch memory or stack. */
struct hs_error *remote_write(struct remote *r, uint64_t addr, const void *buf,
			      size_t len) hs_must_check;

/**
 * The signals that are blocked during a call: all but those that the kernel
 * forces (a blocked forced signal resets its handler and kills), and the one by
 * which a concurrent setuid() asks every thread and waits for its answer.
 * Blocked is the one that cancels a thread: the call would be unwound half-way.
 * @musl: the target's libc is musl, which numbers the two otherwise.
 */
uint64_t remote_signal_mask(bool musl);

#endif
