/**
 * @file commands.h - runs the commands of options/commands.h; each has a file
 * in cli/cmd/.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "base/error.h"
#include "options/options.h"

/** Runs the command of @o. */
struct hs_error *command_run(const struct cli_options *o) hs_must_check;

struct hs_error *cmd_snap(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_diff(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_report(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_merge(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_stats(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_inspect(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_list(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_completion(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_run(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_check(const struct cli_options *o) hs_must_check;

#endif
