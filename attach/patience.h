/**
 * @file patience.h - how long a call in the target is waited for.
 *
 * A call is not given up for being slow: a large dump that nobody drains would
 * cost the target its whole size in memory. Nor at once when the user wants to
 * stop, since it mostly is over in a moment. But a target may be broken, or
 * hostile: nothing that it does makes a call last for ever.
 */
#ifndef ATTACH_PATIENCE_H
#define ATTACH_PATIENCE_H

#include <stdint.h>

#include "base/deadline.h"
#include "base/error.h"

/** What bounds the calls of a session. Zero-initialised: 60 seconds each. */
struct call_limits {
	const volatile sig_atomic_t *stop; /* see struct deadline; borrowed */
	int64_t stopped_at; /* clock_us() when that was first seen; 0: never */
	int64_t longest_us; /* of a call, whatever it does */
};

/** Limits by deadline @session: its wish to stop, and ten times its time, or 60
 *  seconds if that is more, for each call. */
struct call_limits call_limits_of(const struct deadline *session);

struct patience {
	struct call_limits *limits; /* borrowed */
	int64_t since, end;	    /* clock_us() */
	int64_t until;		    /* the deadline, whatever else */
	int64_t silent_until;
};

/** Of a call that begins now, and has at least until @d. */
struct patience patience_begin(struct call_limits *limits,
			       const struct deadline *d);

/** The call has got on: it has some seconds more from now. Never beyond its
 *  end. */
void patience_renew(struct patience *p);

/** A moment from now, when patience_check() is to be asked again. */
struct deadline patience_slice(void);

/** NULL, or why the call is to be given up: HS_ERROR_TIMEOUT, or
 *  HS_ERROR_INTERRUPTED a second after the wish to stop. */
struct hs_error *patience_check(const struct patience *p) hs_must_check;

#endif
