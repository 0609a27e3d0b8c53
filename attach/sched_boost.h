/**
 * @file sched_boost.h - our own priority while a thread of the target is
 * stopped, and the helper thread's while it has many small calls to make.
 *
 * A stopped thread waits for us, and on a machine without an idle CPU we wait
 * for our turn, at each of some twenty steps. A real-time policy, where it is
 * allowed (sched(7)), makes the stop of the service as short there as
 * elsewhere: we run for microseconds and sleep while the thread runs. The
 * target's own threads keep their priorities.
 */
#ifndef ATTACH_SCHED_BOOST_H
#define ATTACH_SCHED_BOOST_H

#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

struct sched_boost {
	bool on;
	pid_t tid;  /* 0: ourselves */
	int policy; /* as it was */
	struct sched_param param;
};

/** Raises it, if it may be raised. */
void sched_boost_begin(struct sched_boost *sched_boost);

/** The same of thread @tid, which must be the helper thread: a priority that
 * was not put back, as we were killed, ends with it. */
void sched_boost_begin_helper(struct sched_boost *sched_boost, pid_t tid);

/** Puts it back. Twice is fine. */
void sched_boost_end(struct sched_boost *sched_boost);

/** A wait may burn CPU for the sake of speed: not under a real-time policy,
 *  where the tracee could not run on the same CPU meanwhile. */
bool sched_boost_may_spin(void);

#endif
