/**
 * @file candidates.h - the search for a host, as far as it stops nobody: what
 * it has seen, and which thread is tried first.
 *
 * For host.c, which stops threads and judges them.
 */
#ifndef ATTACH_CANDIDATES_H
#define ATTACH_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/code_map.h"
#include "attach/borrow.h"
#include "target/scan.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "proc/maps.h"
#include "proc/task.h"

enum {
	HOST_ANEW = 64, /* threads whose waits may start anew */
};

/** What is not said to be owned is borrowed from the caller of host_take(). */
struct search {
	pid_t pid;
	const struct code_map *code;
	enum host_use use;
	const struct deadline *deadline;
	unsigned round;
	bool cancelled; /* SIGCANCEL has a handler: someone was cancelled */
	/* Threads whose wait a stop of ours has made start anew. Each more puts
	 * off what they wait for: they are let be for a while, but not for
	 * ever, since the event loop may be all that a process has. */
	struct {
		pid_t tid;
		int64_t until; /* clock_us() */
	} anew[HOST_ANEW];
	size_t n_anew;
	bool assume_seccomp_allows;
	struct hs_error *forbidden; /* owned: what a seccomp filter forbids */
	size_t n_forbidden;	    /* threads it is forbidden in, this round */
	bool some_run;	  /* there was a thread that ran, this round */
	uint64_t inside;  /* the word for which a thread was rejected last */
	struct maps maps; /* owned: as read at the start of this round */
	struct strbuf reasons; /* owned: of the first that were rejected */
	size_t n_rejected;     /* this round */
	struct host *host;
};

struct candidate {
	pid_t tid;
	unsigned rank; /* lower is better */
	uint64_t sp;   /* of one that is blocked */
	bool blocked;  /* in a system call that is known */
	bool for_lock; /* and that may be a wait for a lock */
	bool filtered; /* it has seccomp filters */
};

/** Notes for search_no_safe_moment() that a thread cannot be used: it "is
 *  inside " (@why) "jemalloc" (@what, or ""). */
void search_reject(struct search *s, pid_t tid, const char *why,
		   const char *what);

/** A stop has made the thread's wait start anew: it is not ranked for half a
 *  second. */
void search_let_be(struct search *s, pid_t tid);

/** Fills @c, of which tid is given, without stopping the thread: 0 is the best
 *  rank. false: not to be touched at all, or gone. */
bool search_rank_thread(struct search *s, struct candidate *c);

/** Ranks all threads, best first; of equals the one with the lowest id. *ret,
 *  with *n_ret of those that may be tried, is freed by the caller. */
struct hs_error *search_rank(struct search *s, const struct task_list *tasks,
			     struct candidate **ret,
			     size_t *n_ret) hs_must_check;

/** A thread that waits for a lock of the allocator's shows that without a stop,
 *  in *hit: in a process where many do, most stops would be for nothing. */
bool search_waits_inside(const struct search *s, const struct candidate *c,
			 struct scan_hit *hit);

/** HS_ERROR_UNSAFE: why none of the threads could be used. */
struct hs_error *search_no_safe_moment(const struct search *s);

#endif
