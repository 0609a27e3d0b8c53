/**
 * @file commands.h - the commands, one file each.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "base/error.h"
#include "cli/options.h"

/** heapsnap -p PID */
struct hs_error *cmd_snap(const struct cli_options *o) hs_must_check;

/** heapsnap diff BEFORE AFTER */
struct hs_error *cmd_diff(const struct cli_options *o) hs_must_check;

/** heapsnap merge FILE... */
struct hs_error *cmd_merge(const struct cli_options *o) hs_must_check;

/** heapsnap report FILE */
struct hs_error *cmd_report(const struct cli_options *o) hs_must_check;

/** heapsnap list */
struct hs_error *cmd_list(const struct cli_options *o) hs_must_check;

/** heapsnap stats -p PID */
struct hs_error *cmd_stats(const struct cli_options *o) hs_must_check;
/** heapsnap check -p PID */
struct hs_error *cmd_check(const struct cli_options *o) hs_must_check;

#endif
