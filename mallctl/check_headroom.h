/**
 * @file check_headroom.h - checks the headroom for a thread and for memory.
 */
#ifndef MALLCTL_CHECK_HEADROOM_H
#define MALLCTL_CHECK_HEADROOM_H

#include "base/error.h"
#include "mallctl/findings.h"
#include "proc/identity.h"

/** Adds the items on headroom for one more thread and for a snapshot's
 *  memory. */
struct hs_error *check_headroom(struct check *check,
				const struct identity *id) hs_must_check;

#endif
