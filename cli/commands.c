#include "cli/commands.h"

struct hs_error *command_run(const struct cli_options *o)
{
	switch (o->command) {
	case CLI_SNAP:
		return cmd_snap(o);
	case CLI_DIFF:
		return cmd_diff(o);
	case CLI_REPORT:
		return cmd_report(o);
	case CLI_MERGE:
		return cmd_merge(o);
	case CLI_STATS:
		return cmd_stats(o);
	case CLI_INSPECT:
		return cmd_inspect(o);
	case CLI_LIST:
		return cmd_list(o);
	case CLI_COMPLETION:
		return cmd_completion(o);
	case CLI_CHECK:
		return cmd_check(o);
	case CLI_RUN_COMMAND:
		return cmd_run(o);
	}
	return NULL; /* there is no other */
}
