/**
 * @file standing.h - a session that lasts for several snapshots of a process.
 *
 * One thread is borrowed once, for one helper thread. Between two snapshots
 * that sleeps, neither traced nor stopped, and the lock of the process is free:
 * setuid(2), execve(2) and the end of the process wait for nobody, other runs
 * and debuggers may come. It sleeps for seconds only, and we wake it now and
 * then to have it sleep again, so that it soon ends by itself when we are
 * killed. Where it has ended, or the process has changed, the next snapshot
 * opens a session of its own, as it does in borrowed mode.
 */
#ifndef MALLCTL_STANDING_H
#define MALLCTL_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/tracee.h"
#include "base/deadline.h"
#include "base/error.h"
#include "mallctl/session.h"

/** Zero-initialised: no session. It must not move while there is one. */
struct standing {
	struct session session;
	enum standing_state {
		STANDING_NONE,
		STANDING_AWAKE, /* calls can be made */
		STANDING_RESTS,
	} state;
	bool woken;	  /* AWAKE by standing_open(), which borrowed nothing */
	int64_t since_us; /* clock_us() when it went to sleep */
	/* A thread of ours that did not stop in time, in a frozen process or
	 * one without a CPU, and is still traced. FREE: none. */
	struct tracee left;
};

/** Wakes the session, or opens one; errors as of session_open(). */
struct hs_error *standing_open(struct standing *st, const struct identity *id,
			       const struct session_options *options,
			       const struct deadline *d) hs_must_check;

/** Lets an awake session rest, or closes it where it cannot; *pause_us: the
 *  longest time, since standing_open(), for which any thread but the helper
 *  thread was stopped. */
struct hs_error *standing_rest(struct standing *st,
			       int64_t *pause_us) hs_must_check;

/** Closes an awake session; *pause_us as above. */
struct hs_error *standing_end(struct standing *st,
			      int64_t *pause_us) hs_must_check;

/** Keeps a resting session from ending: call it every second or so, also when
 *  there is none, since a thread may wait to be let go. Closes it
 *  when the main thread has ended, whose process would live on for our thread
 *  alone. */
void standing_renew(struct standing *st);

/** Closes it, whatever its state; what fails is left to the helper thread. */
void standing_close(struct standing *st);

#endif
