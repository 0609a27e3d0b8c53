/**
 * @file stuck.h - a call that does not come back, told as it is.
 */
#ifndef ATTACH_STUCK_H
#define ATTACH_STUCK_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/tracee.h"
#include "base/error.h"
#include "base/judge.h"

/** All is borrowed. */
struct stuck_call {
	const struct tracee *tracee; /* the thread that is in it */
	uint64_t saved_sp;	     /* its stack pointer before the call */
	int64_t since;		     /* clock_us() when the call was begun */
	bool ours;		     /* the thread was made for us */
	const struct judge *judge; /* NULL: what it is inside of is not said */
};

/** HS_ERROR_TIMEOUT: which thread the call keeps, where it is, and what can be
 *  done. */
struct hs_error *stuck_error(const struct stuck_call *c) hs_must_check;

#endif
