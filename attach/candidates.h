/**
 * @file candidates.h - the search for a host, as far as it stops nobody: what
 * it has seen, and which thread is tried first.
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
#include "base/error.h"
#include "base/strbuf.h"
#include "base/verdict.h"
#include "proc/maps.h"
#include "proc/task.h"

struct candidate {
	pid_t tid;
	unsigned rank; /* lower is better: 0 is the best */
	uint64_t sp;   /* of one that is blocked */
	bool blocked;  /* in a system call that is known */
	bool for_lock; /* and that may be a wait for a lock */
	bool filtered; /* it has seccomp filters */
};

/** Fills @c, of which tid is given, without stopping the thread. @maps: of its
 *  process. VERDICT_USABLE, VERDICT_NOT_NOW or VERDICT_UNTOUCHABLE. */
struct verdict candidate_rank(const struct borrow_request *request,
			      const struct maps *maps, struct candidate *c);

/** A thread that waits for a lock of the allocator's shows that without a stop
 *  (VERDICT_INSIDE): in a process where many do, most stops would be for
 *  nothing. */
struct verdict candidate_peek(const struct borrow_request *request,
			      const struct candidate *c);

/** What one walk over all threads has seen. */
struct search_round {
	unsigned number;       /* 0: the first */
	struct maps maps;      /* owned: as read at its start */
	struct strbuf reasons; /* owned: of the first that were rejected */
	size_t n_rejected;
	size_t n_never; /* of them for ever */
	bool some_run;	/* there was a thread that ran */
};

/** Notes for round_no_safe_moment() that thread @tid cannot be used. */
void round_reject(struct search_round *round, pid_t tid,
		  const struct verdict *verdict);

/** HS_ERROR_UNSAFE: why none of the threads could be used. */
struct hs_error *round_no_safe_moment(const struct search_round *round);

enum {
	SEARCH_RESTS = 64, /* threads whose waits may start anew */
};

/** What is remembered from round to round. */
struct search_memory {
	/* Threads whose wait a stop of ours has made start anew. Each more puts
	 * off what they wait for: they are let be for a while, but not for
	 * ever, since the event loop may be all that a process has. */
	struct {
		pid_t tid;
		int64_t until; /* clock_us() */
	} rests[SEARCH_RESTS];
	size_t n_rests;
	struct hs_error *forbidden; /* owned: what a seccomp filter forbids */
};

/** Thread @tid is not ranked for half a second. */
void search_skip(struct search_memory *memory, pid_t tid);

/** Ranks all threads, best first; of equals the one with the lowest id. *ret,
 *  with *n_ret of those that may be tried, is freed by the caller. */
struct hs_error *search_rank(const struct borrow_request *request,
			     const struct search_memory *memory,
			     const struct task_list *tasks,
			     struct search_round *round, struct candidate **ret,
			     size_t *n_ret) hs_must_check;

#endif
