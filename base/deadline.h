/**
 * @file deadline.h - deadlines, which every wait has.
 *
 * Times are microseconds of CLOCK_MONOTONIC.
 */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/** Now, in microseconds of CLOCK_MONOTONIC. */
int64_t clock_us(void);

/** The same since the epoch, of CLOCK_REALTIME. */
int64_t clock_wall_us(void);

/** Microseconds for which this thread has run. */
int64_t clock_thread_us(void);

struct deadline {
	int64_t at; /* microseconds of CLOCK_MONOTONIC */
	/* A signal handler sets it to the signal's number when the user wants
	 * to stop; NULL: cannot be interrupted. Borrowed. */
	const volatile sig_atomic_t *stop;
	int64_t us; /* how far away it was when it was set */
};

/** @us microseconds from now. @stop: see struct deadline, may be NULL. */
struct deadline deadline_in(int64_t us, const volatile sig_atomic_t *stop);

/** The earlier of @d and @us microseconds from now. */
struct deadline deadline_cap(const struct deadline *d, int64_t us);

/** The later of @d and @us microseconds from now. */
struct deadline deadline_later(const struct deadline *d, int64_t us);

/** The later of @d (may be NULL) and @us microseconds from now, which signals
 *  do not interrupt: for waits that must not end too soon. */
struct deadline deadline_extend(const struct deadline *d, int64_t us);

/** Microseconds left, 0 when it has passed. */
int64_t deadline_left(const struct deadline *d);

/** HS_ERROR_INTERRUPTED when a signal came, HS_ERROR_TIMEOUT when the time is
 *  up, else NULL. */
struct hs_error *deadline_check(const struct deadline *d) hs_must_check;

#endif
