/**
 * @file check_group.h - `heapsnap check' of several processes.
 */
#ifndef CLI_CMD_CHECK_GROUP_H
#define CLI_CMD_CHECK_GROUP_H

#include "base/error.h"
#include "cli/options.h"
#include "mallctl/findings.h"
#include "proc/identity.h"

/** Checks the processes of @o, each with a verdict of its own. Returns the
 * worst of those that a snapshot of them would not leave out (snap/group.h). */
struct hs_error *check_group(const struct cli_options *o) hs_must_check;

/** Checks process @id; *check is empty, check_release() in any case. Its report
 *  is ready to be written. */
struct hs_error *check_prepare(const struct identity *id,
			       const struct cli_options *o,
			       struct check *check) hs_must_check;

#endif
