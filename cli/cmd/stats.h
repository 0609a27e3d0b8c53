/**
 * @file stats.h - reports the memory of a process without stacks.
 */
#ifndef CLI_CMD_STATS_H
#define CLI_CMD_STATS_H

#include <stdbool.h>

#include "base/error.h"
#include "options/options.h"
#include "proc/identity.h"

/** Reads the statistics of process @id, again after the interval unless
 *  @o->count is 1, and reports them. */
struct hs_error *stats_of(const struct identity *id,
			  const struct cli_options *o) hs_must_check;

/** There is a report of statistics in the format that @o asks for. */
bool stats_can_report(const struct cli_options *o);

#endif
