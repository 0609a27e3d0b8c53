/**
 * @file check.h - whether a process can be snapshotted, and if not, why not.
 *
 * Reports the conditions in the order in which a run meets them. First come the
 * checks that do not touch the process; only if all of them pass, a helper
 * thread is started in it, as for a snapshot, to read jemalloc's settings.
 */
#ifndef MALLCTL_CHECK_H
#define MALLCTL_CHECK_H

#include <stdbool.h>

#include "base/deadline.h"
#include "base/error.h"
#include "mallctl/findings.h"
#include "mallctl/session.h"
#include "proc/identity.h"

struct check_options {
	struct session_options session;
	bool each_thread; /* sample all of them */
	unsigned looks;	  /* so many times, 0 as 1; the report shows the first
			     when each_thread */
};

/** Checks process @id, which *ret borrows. A reason against a snapshot is no
 *  error but ret->verdict. Release with check_release(). */
struct hs_error *check_process(const struct identity *id,
			       const struct check_options *options,
			       const struct deadline *d,
			       struct check *ret) hs_must_check;

#endif
