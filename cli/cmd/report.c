#include "base/cleanup.h"
#include "cli/commands.h"
#include "report/report.h"

struct hs_error *cmd_report(const struct cli_options *o)
{
	hs_cleanup(heap_inputs_release) struct heap_inputs inputs = { 0 };
	struct hs_error *err = cli_read_inputs(o, &inputs);

	return err ? err : cli_report_one(&inputs.profiles[0], o);
}
