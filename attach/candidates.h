/**
 * @file candidates.h - ranks the threads of a process for borrowing, without
 * stopping any, and keeps what the search has found.
 *
 * For borrow.c, which stops threads and has them judged.
 */
#ifndef ATTACH_CANDIDATES_H
#define ATTACH_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "attach/borrow_request.h"
#include "attach/tally.h"
#include "base/error.h"
#include "base/verdict.h"
#include "proc/maps.h"
#include "proc/task.h"

struct candidate {
	pid_t tid;
	unsigned rank;		   /* lower is better: 0 is the best */
	struct task_syscall where; /* as seen without a stop */
	bool blocked;		   /* in a system call that is known */
	bool for_lock;		   /* and that call may wait for a lock */
	bool filtered;		   /* it has seccomp filters */
};

/** Fills the rest of @c for thread c->tid, without stopping it. @maps: of its
 *  process. VERDICT_USABLE, VERDICT_NOT_NOW or VERDICT_UNTOUCHABLE. */
struct verdict candidate_rank(const struct borrow_request *request,
			      const struct maps *maps, struct candidate *c);

/** Finds out without a stop that a thread waits for a lock of the allocator's
 *  (VERDICT_INSIDE): where many threads do, most stops would be wasted. */
struct verdict candidate_peek(const struct borrow_request *request,
			      const struct candidate *c);

/** The results of one pass over all threads. */
struct search_round {
	unsigned number;  /* 0: the first */
	struct maps maps; /* owned: as read at its start */
	size_t n_never;	  /* rejected for ever */
	bool some_run;	  /* some thread was running */
};

enum {
	SEARCH_SKIPPED_MAX = 64, /* threads whose waits our stops may restart */
};

/** What the search remembers from round to round. */
struct search_memory {
	/* Threads whose wait a stop of ours has restarted. Each further stop
	 * delays the end of their wait: they are skipped for 500 ms, but not
	 * for ever, since the event loop may be the only thread of a
	 * process. One that has run since is in another wait, or was woken for
	 * nothing. It is skipped for longer each time: no more than some of its
	 * waits are delayed. */
	struct skipped {
		pid_t tid;
		int64_t until, at_least; /* clock_us() */
		uint64_t turns;		 /* task_turns() */
		unsigned times;
	} skipped[SEARCH_SKIPPED_MAX];
	size_t n_skipped;
	struct hs_error *forbidden; /* owned: what a seccomp filter forbids */
	struct tally tally;
};

/** Leaves thread @tid of process @pid out of search_rank() until its wait,
 * which a stop has restarted, is over, or for 500 ms. It has been let go. */
void search_skip(struct search_memory *memory, pid_t pid, pid_t tid);

/** Threads that may be tried. */
struct candidates {
	struct candidate *items; /* owned; best first, equal ones by id */
	size_t n;
};

/** Ranks all threads. *ret: its items are the caller's to free(3). */
struct hs_error *search_rank(const struct borrow_request *request,
			     struct search_memory *memory,
			     const struct task_list *tasks,
			     const struct search_round *round,
			     struct candidates *ret) hs_must_check;

#endif
