/**
 * @file attach_log.h - a line in the system's log for each attach.
 */
#ifndef MALLCTL_ATTACH_LOG_H
#define MALLCTL_ATTACH_LOG_H

#include <stdint.h>

#include "base/error.h"
#include "proc/identity.h"

/** Sends to /dev/log who was attached to process @id, for @us microseconds, and
 *  with which error (borrowed; NULL: none). Never waits; where nobody takes it
 *  the line is lost. */
void attach_log(const struct identity *id, int64_t us,
		const struct hs_error *err);

#endif
