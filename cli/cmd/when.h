/**
 * @file when.h - the wait of --when, until one of its conditions holds.
 *
 * The process is not touched meanwhile: files of /proc and of its control group
 * are read.
 */
#ifndef CLI_CMD_WHEN_H
#define CLI_CMD_WHEN_H

#include "base/error.h"
#include "options/options.h"
#include "proc/identity.h"

/** Whether the conditions of @o can hold for process @id at all:
 *  HS_ERROR_NOT_FOUND when its group has no limit that one is about. */
struct hs_error *when_check(const struct cli_options *o,
			    const struct identity *id) hs_must_check;

/**
 * Waits until the first of the conditions of @o holds for process @id, and says
 * which. Growth counts from this call on. HS_ERROR_GONE when the process ends
 * before; HS_ERROR_INTERRUPTED when a signal asked to stop, SIGINT included.
 */
struct hs_error *when_wait(const struct cli_options *o,
			   const struct identity *id) hs_must_check;

#endif
