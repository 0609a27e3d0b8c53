/**
 * @file activate.h - prof.active, switched on for a time and put back.
 *
 * What was switched on by us is marked in the process itself, by a memfd named
 * "heapsnap-active" that stays open there as long: a run that was killed before
 * it could put it back is known to the next one by that, and the mark goes with
 * the process (or with the thread that was borrowed, when that has descriptors
 * of its own).
 */
#ifndef MALLCTL_ACTIVATE_H
#define MALLCTL_ACTIVATE_H

#include <stdbool.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/monitor.h"
#include "mallctl/session.h"
#include "proc/identity.h"

enum activation {
	ACTIVATION_WAS_ON,  /* it is on without us; it stays */
	ACTIVATION_DONE,    /* we switched it on */
	ACTIVATION_ADOPTED, /* an earlier run did, and was killed */
};

/**
 * Switches it on in process @id. *begun is true, also on failure, when
 * activation_end() has to follow. HS_ERROR_NO_PROFILE when the process does not
 * profile.
 */
struct hs_error *activation_begin(const struct identity *id,
				  const struct session_options *options,
				  const struct deadline *d,
				  enum activation *ret,
				  bool *begun) hs_must_check;

/** Puts it back to off, and takes the mark away; what fails is tried again. A
 *  process that has ended is fine. @monitor is warned of a mark that stays,
 * since no thread that has the descriptor could be used. */
struct hs_error *activation_end(const struct identity *id,
				const struct session_options *options,
				const struct deadline *d,
				const struct monitor *monitor) hs_must_check;

/** The process has our mark: by a run that was killed, or is at work. */
bool activation_is_marked(const struct identity *id);

#endif
