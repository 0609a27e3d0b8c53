/**
 * @file stats.h - reports the memory of a process without stacks.
 */
#ifndef CLI_CMD_STATS_H
#define CLI_CMD_STATS_H

#include <stdbool.h>

#include "base/error.h"
#include "cli/options.h"
#include "proc/identity.h"

/** Reads the statistics of process @id, again after the interval unless
 *  @o->count is 1, and reports them. @instead (taken; may be NULL) is the error
 *  when the process turns out to have stacks to show, or cannot be read. */
struct hs_error *stats_of(const struct identity *id,
			  const struct cli_options *o,
			  struct hs_error *instead) hs_must_check;

/** There is a report of statistics in the format that @o asks for. */
bool stats_can_report(const struct cli_options *o);

#endif
