/**
 * @file check.h - whether a process can be snapshotted, and if not, why not.
 *
 * Condition by condition, as a run meets them. What can be told without
 * touching the process is told first; only if nothing speaks against it a
 * helper thread thread is made in it, as for a snapshot, to ask jemalloc for
 * its settings.
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
	bool each_thread; /* look at all of them */
};

/** Checks process @id, which *ret borrows from. What speaks against a snapshot
 *  is no error, but in ret->verdict. check_release(). */
struct hs_error *check_process(const struct identity *id,
			       const struct check_options *options,
			       const struct deadline *d,
			       struct check *ret) hs_must_check;

#endif
