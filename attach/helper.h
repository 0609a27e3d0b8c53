/**
 * @file helper.h - the thread in which the calls of a session run.
 *
 * No thread of the service runs our calls: a borrowed thread is borrowed for
 * one pthread_create(&id, detached, sleep, 1), and the helper thread born of it
 * runs all the rest while the host has long gone on. Its signals are blocked,
 * so no handler of the service runs on it; a call that has to wait for a lock
 * keeps only the helper thread waiting. At the end its sleep is "interrupted",
 * it returns from its start routine and ends as any detached thread does.
 *
 * Left alone at any instant, it finishes its call, sleeps at most a second and
 * ends.
 *
 * Where no thread can be made (a pids limit, a static program without
 * pthread_create) the calls run on the host: borrowed mode.
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
	bool borrowed;		 /* on the borrowed thread itself */
	struct held_thread held; /* helper thread mode: given back already */
	struct tracee tracee;	 /* the helper thread */
	pid_t borrowed_tid;
	/* A thread of the service's that a call of ours keeps: we gave it up,
	 * and it stands still in there. 0: none. */
	pid_t stuck_tid;
	struct tracer tracer;
};

enum {
	HELPER_SCRATCH = BORROW_SCRATCH, /* bytes at helper_scratch() */
};

/** The name that the helper thread gives itself (comm). */
#define HELPER_NAME "heapsnap"

/**
 * Makes a helper thread in the process of @request, of which the use is not
 * looked at; code and judge are borrowed until helper_end(). Errors:
 * HS_ERROR_UNSAFE when no thread could be used until the deadline; the target
 * is untouched then. On success end it by helper_end().
 */
struct hs_error *helper_start(const struct borrow_request *request,
			      struct helper *ret) hs_must_check;

/** The thread in which calls run: the helper thread, or the one that is
 * borrowed. */
pid_t helper_tid(const struct helper *helper);

/** For calls by remote_call(); valid until helper_end(). */
struct remote *helper_remote(struct helper *helper);

/** Address of HELPER_SCRATCH bytes of the target's for the data of calls. */
uint64_t helper_scratch(const struct helper *helper);

/** A call was left unfinished: no other can be made any more. */
bool helper_is_broken(const struct helper *helper);

/** What its seccomp filters allow. */
const struct seccomp_allows *helper_allows(const struct helper *helper);

/** The longest time, in microseconds, for which any thread other than the
 * helper thread was stopped so far; also when helper_start() failed. */
int64_t helper_pause_us(const struct helper *helper);

/** Sends the helper thread home: its thread ends; a borrowed one goes on. Every
 * step is tried. *pause_us (may be NULL): the longest time for which any thread
 * other than the helper thread was stopped. */
struct hs_error *helper_end(struct helper *helper,
			    int64_t *pause_us) hs_must_check;

/** Runs a system call of the helper thread's. *result: -errno on failure;
 * -EPERM without that it is issued when seccomp filters may punish it. */
struct hs_error *helper_syscall(struct helper *helper, long number,
				const uint64_t args[6],
				const struct deadline *d,
				int64_t *result) hs_must_check;

/** The system call that the helper thread makes when it is left alone, to clean
 * up behind us; NULL: none. */
void helper_set_undo(struct helper *helper, const struct arch_call *undo);

#endif
