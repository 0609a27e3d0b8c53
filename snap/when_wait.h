/**
 * @file when_wait.h - the wait of --when, until one of its conditions holds.
 *
 * The process is not touched meanwhile: files of /proc and of its control group
 * are read.
 */
#ifndef SNAP_WHEN_WAIT_H
#define SNAP_WHEN_WAIT_H

#include "base/error.h"
#include "base/monitor.h"
#include "proc/identity.h"
#include "snap/when.h"

/** What is waited for: one of the conditions of whens[0..n). All is borrowed. */
struct when_wait {
	const struct identity *id;
	const struct when *whens;
	size_t n;
	const struct monitor *monitor; /* shows how far it is; a stop ends it */
};

/** Whether the conditions of @on can hold for its process at all:
 *  HS_ERROR_NOT_FOUND when its group has no limit that one is about. */
struct hs_error *when_check(const struct when_wait *on) hs_must_check;

/**
 * Waits until the first of the conditions of @on holds for its process, and says
 * which. Growth counts from this call on. HS_ERROR_GONE when the process ends
 * before; HS_ERROR_INTERRUPTED when a signal asked to stop, SIGINT included.
 */
struct hs_error *when_wait(const struct when_wait *on) hs_must_check;

#endif
