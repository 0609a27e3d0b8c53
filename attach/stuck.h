/**
 * @file stuck.h - describes a call that does not return.
 */
#ifndef ATTACH_STUCK_H
#define ATTACH_STUCK_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/tracee.h"
#include "base/error.h"
#include "base/judge.h"

/** All pointers are borrowed. */
struct stuck_call {
	const struct tracee *tracee; /* the thread that is in it */
	uint64_t saved_sp;	     /* its stack pointer before the call */
	int64_t since;		     /* clock_us() when the call was begun */
	bool ours;		     /* the thread is the helper thread */
	const struct judge *judge;   /* NULL: not said what it is inside of */
};

/** Adds to @cause, for which the call was given up, the thread that is in it,
 *  where that is, and what can be done. Takes @cause. */
struct hs_error *stuck_error(const struct stuck_call *c,
			     struct hs_error *cause) hs_must_check;

#endif
