/**
 * @file check_headroom.h - the part of a check that is about room.
 */
#ifndef MALLCTL_CHECK_HEADROOM_H
#define MALLCTL_CHECK_HEADROOM_H

#include "base/error.h"
#include "mallctl/findings.h"
#include "proc/identity.h"

/** Adds what is to be said of the room for one more thread and for some
 *  memory. */
struct hs_error *check_headroom(struct check *check,
				const struct identity *id) hs_must_check;

#endif
