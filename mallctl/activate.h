/**
 * @file activate.h - switches prof.active on for a time and puts it back.
 *
 * A memfd named "heapsnap-active" marks the process while prof.active is on
 * because of us. When a run was killed before it could put prof.active back,
 * the next run finds the mark. The mark goes with the process (or with the
 * borrowed thread, when that has a descriptor table of its own).
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
 * Switches prof.active on in process @id. *begun is true, also on failure, when
 * activation_end() has to follow. HS_ERROR_NO_PROFILE when the process does not
 * profile.
 */
struct hs_error *activation_begin(const struct identity *id,
				  const struct session_options *options,
				  const struct deadline *d,
				  enum activation *ret,
				  bool *begun) hs_must_check;

/** Switches it off again and removes the mark; retries what fails. A process
 *  that has ended is fine. Warns @monitor of a mark that stays because no
 *  thread that has the descriptor could be used. */
struct hs_error *activation_end(const struct identity *id,
				const struct session_options *options,
				const struct deadline *d,
				const struct monitor *monitor) hs_must_check;

/** The process has our mark: of a killed run, or of one at work. */
bool activation_is_marked(const struct identity *id);

#endif
