/**
 * @file sched_boost.h - raises our own priority while a thread of the target is
 * stopped or the kernel copies its memory for us, and the helper thread's while
 * it makes many small calls.
 *
 * A stopped thread waits for us, and on a machine without an idle CPU we wait
 * for our turn, at each of some twenty steps. A real-time policy, where it is
 * allowed (sched(7)), makes the stop as short there as elsewhere: we run for
 * microseconds, and sleep while the thread runs. The target's own threads keep
 * their priorities.
 */
#ifndef BASE_SCHED_BOOST_H
#define BASE_SCHED_BOOST_H

#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

struct sched_boost {
	bool on;
	pid_t tid;  /* 0: ourselves */
	int policy; /* before */
	struct sched_param param;
};

/** Raises our priority, if we have the right. */
void sched_boost_begin(struct sched_boost *sched_boost);

/** The same for thread @tid, which must be the helper thread: if we are killed
 *  before we restore its priority, that ends with the thread. */
void sched_boost_begin_helper(struct sched_boost *sched_boost, pid_t tid);

/** Restores the priority. Twice is fine. */
void sched_boost_end(struct sched_boost *sched_boost);

/** Whether a wait may spin: not under a real-time policy, since the tracee
 *  could not run on the same CPU meanwhile. */
bool sched_boost_may_spin(void);

#endif
