/**
 * @file check.h - whether a process can be snapshotted, and if not, why not.
 *
 * Condition by condition, as a run meets them. What can be told without
 * touching the process is told first; only if nothing speaks against it a guest
 * thread is made in it, as for a snapshot, to ask jemalloc for its settings.
 */
#ifndef MALLCTL_CHECK_H
#define MALLCTL_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "attach/host.h"
#include "base/deadline.h"
#include "base/error.h"
#include "mallctl/session.h"
#include "proc/identity.h"

enum check_answer {
	CHECK_YES,
	CHECK_NO,	/* a run would end here */
	CHECK_WARNING,	/* a run would do, but not as well */
	CHECK_NOT_KNOWN /* another answer kept it from being asked */
};

struct check_item {
	const char *name; /* "opt.prof"; static */
	enum check_answer answer;
	char *reason; /* owned; never NULL */
	char *remedy; /* owned; NULL: none is needed, or known */
};

/** A thread as it was for a moment. */
struct check_thread {
	pid_t tid;
	char name[64];
	char state;	/* as in proc(5) */
	int64_t number; /* of the system call it waits in; -1: none */
	struct host_opinion opinion;
};

struct check {
	struct check_item *items; /* owned */
	size_t n, cap;
	struct hs_error *verdict; /* owned: as a run would end; NULL: well */
	bool attached;		  /* a thread of it was stopped */
	bool borrowed;		  /* and used, as no other could be made */
	int64_t pause_us;	  /* the longest stop of any thread */
	pid_t stuck_tid; /* of a thread that we left in a call; 0: none */
	struct check_thread *threads; /* owned; with each_thread only */
	size_t n_threads;
	struct maps maps; /* of the time of the threads */
};

struct check_options {
	struct session_options session;
	bool each_thread; /* look at all of them */
};

/** Checks process @id. What speaks against a snapshot is no error, but in
 *  ret->verdict. check_release(). */
struct hs_error *check_process(const struct identity *id,
			       const struct check_options *options,
			       const struct deadline *d,
			       struct check *ret) hs_must_check;

void check_release(struct check *check);

/** Adds an item; @fmt is the reason. Memory that runs out is an error. */
struct hs_error *check_add(struct check *check, const char *name,
			   enum check_answer answer, const char *fmt, ...)
	hs_printf(4, 5) hs_must_check;

/** Adds a CHECK_NO with the message and hint of @why (taken), which becomes the
 *  verdict if it is the first. */
struct hs_error *check_add_no(struct check *check, const char *name,
			      struct hs_error *why) hs_must_check;

/** Adds what is to be said of the room for one more thread and for some memory
 *  (mallctl/check_room.c). */
struct hs_error *check_room(struct check *check,
			    const struct identity *id) hs_must_check;

#endif
