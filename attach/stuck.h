/**
 * @file stuck.h - a call that does not come back, told as it is.
 */
#ifndef ATTACH_STUCK_H
#define ATTACH_STUCK_H

#include <stdint.h>

#include "attach/remote.h"
#include "base/error.h"

/**
 * HS_ERROR_TIMEOUT: the call that was begun in @r at @since (clock_us()) is not
 * over; which thread is kept by it, where it is, and what can be done.
 */
struct hs_error *stuck_error(const struct remote *r,
			     int64_t since) hs_must_check;

#endif
