/**
 * @file check.h - the report of a check, also for a snapshot's --dry-run.
 */
#ifndef CLI_CMD_CHECK_H
#define CLI_CMD_CHECK_H

#include "base/error.h"
#include "cli/options.h"
#include "proc/identity.h"

/** Checks process @id and writes the report. When it cannot be snapshotted, the
 *  error with which a snapshot would end. */
struct hs_error *check_of(const struct identity *id,
			  const struct cli_options *o) hs_must_check;

#endif
