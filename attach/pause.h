/**
 * @file pause.h - how long threads of the service are stopped.
 */
#ifndef ATTACH_PAUSE_H
#define ATTACH_PAUSE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/** The longest stop of any thread. Zero-initialised: there was none. */
struct pause {
	int64_t us;
	pid_t tid;
	char thread[64]; /* its name; "" when it had ended */
};

/** Notes that thread @tid of process @pid, which runs again, was stopped for
 *  @us microseconds. */
void pause_note(struct pause *longest, pid_t pid, pid_t tid, int64_t us);

/** The longer of two stays in @longest. */
void pause_join(struct pause *longest, const struct pause *other);

/** HS_ERROR_UNSAFE when thread @tid has been stopped for @us microseconds, more
 *  than @most_us; 0: any time is allowed. */
struct hs_error *pause_check(pid_t pid, pid_t tid, int64_t us,
			     int64_t most_us) hs_must_check;

#endif
