/**
 * @file helper.h - makes the helper thread, which runs the calls of a session.
 *
 * A thread of the service is borrowed for one pthread_create(&id, detached,
 * sleep, 1), and then released. All further calls run in the helper thread that
 * this makes. Its signals are blocked, so no handler of the service runs on it;
 * a call that has to wait for a lock delays only the helper thread. At the end
 * we "interrupt" its sleep: it returns from its start routine and ends as any
 * detached thread does.
 *
 * Left alone at any instant, it finishes its call, sleeps at most a second (or,
 * at rest between two snapshots, HELPER_REST_S) and ends.
 *
 * Where no thread can be made (a pids limit, a static program without
 * pthread_create) the calls run on the borrowed thread itself: borrowed mode.
 */
#ifndef ATTACH_HELPER_H
#define ATTACH_HELPER_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/borrow.h"
#include "attach/remote.h"
#include "base/deadline.h"
#include "base/error.h"

struct helper {
	struct remote remote;	 /* where calls run */
	bool borrowed;		 /* calls run on the borrowed thread */
	struct held_thread held; /* otherwise it is released already */
	struct tracee tracee;	 /* the helper thread */
	pid_t borrowed_tid;
	/* A thread of the service that is stuck in a call of ours, which we
	 * gave up. 0: none. */
	pid_t stuck_tid;
	struct tracer tracer;
	int seccomp;	  /* mode and filters when it last went to sleep */
	unsigned filters; /* (proc/status.h) */
};

enum {
	HELPER_SCRATCH = BORROW_SCRATCH, /* bytes at helper_scratch() */
	/* A resting helper thread that nobody wakes ends after this. */
	HELPER_REST_S = 2,
};

/**
 * Makes a helper thread in the process of @request; request->use is ignored,
 * and request->code and request->judge must live until helper_end().
 * HS_ERROR_UNSAFE when no thread could be used until the deadline; the target
 * is untouched then. On success end it by helper_end().
 */
struct hs_error *helper_start(const struct borrow_request *request,
			      struct helper *ret) hs_must_check;

/** The thread in which calls run: the helper thread, or the borrowed one. */
pid_t helper_tid(const struct helper *helper);

/** For calls by remote_call(); valid until helper_end(). */
struct remote *helper_remote(struct helper *helper);

/** Address of HELPER_SCRATCH bytes in the target, for the calls' data. */
uint64_t helper_scratch(const struct helper *helper);

/** A call was left unfinished: no other call is possible. */
bool helper_is_broken(const struct helper *helper);

/** What the thread's seccomp filters allow. */
const struct seccomp_allows *helper_allows(const struct helper *helper);

/** The longest stop so far of any thread but the helper thread; also when
 *  helper_start() failed. */
const struct pause *helper_longest(const struct helper *helper);

/** The same in microseconds. */
int64_t helper_pause_us(const struct helper *helper);

/** HS_ERROR_UNSAFE, once, when a borrowed thread has been stopped for longer
 *  than the request allows. To be asked before a call that may take long; all
 *  calls stay possible, to put back what was changed. */
struct hs_error *helper_check_pause(struct helper *helper) hs_must_check;

/** Ends the helper thread; a borrowed thread is restored and runs on. Tries
 *  every step, whatever the others' errors. *pause_us (may be NULL):
 *  helper_pause_us() at the end. */
struct hs_error *helper_end(struct helper *helper,
			    int64_t *pause_us) hs_must_check;

/**
 * Lets the helper thread sleep until helper_wake(): detached, so that it is a
 * thread as any other to the service, which may call setuid(2), execve(2) or
 * exit without waiting for us, and to other tools. It ends by itself after
 * HELPER_REST_S seconds; helper_renew() makes it start these again. *resting is
 * false where that cannot be (borrowed mode, a broken call): then nothing has
 * changed, end it by helper_end().
 */
struct hs_error *helper_rest(struct helper *helper, const struct deadline *d,
			     bool *resting) hs_must_check;

/** Makes the calls of a resting helper thread possible again; *awake: false
 *  when it has ended, is traced by another, or when its seccomp filters are
 *  others now. Then it is left to itself and released. @lockable: as of
 *  locked_memory_check(); after an error of that, as of any call, it has been
 *  ended. */
struct hs_error *helper_wake(struct helper *helper, uint64_t lockable,
			     const struct deadline *d,
			     bool *awake) hs_must_check;

/** As helper_wake() and helper_rest(), which leaves it resting. */
struct hs_error *helper_renew(struct helper *helper, const struct deadline *d,
			      bool *resting) hs_must_check;

/** Forgets a resting helper thread, which ends by itself. */
void helper_leave(struct helper *helper);

/** Runs a system call in the helper thread. *result: -errno on failure; a call
 *  for which seccomp filters may punish the process is not issued: -EPERM. */
struct hs_error *helper_syscall(struct helper *helper, long number,
				const uint64_t args[6],
				const struct deadline *d,
				int64_t *result) hs_must_check;

/** The same for @call, observed by @watch. */
struct hs_error *helper_syscall_watched(struct helper *helper,
					const struct arch_call *call,
					const struct remote_watch *watch,
					const struct deadline *d,
					int64_t *result) hs_must_check;

/** Sets the system call that the helper thread makes when it is left alone, to
 *  clean up after us; NULL: none. */
void helper_set_undo(struct helper *helper, const struct arch_call *undo);

#endif
