#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/report.h"

struct hs_error *cmd_diff(const struct cli_options *o)
{
	hs_cleanup(heap_inputs_release) struct heap_inputs inputs = { 0 };
	struct hs_error *err = cli_read_inputs(o, &inputs);

	if (err)
		return err;
	/* Of a trend: a shell may well have put a.10.heap before a.9.heap. */
	if (inputs.n > 2)
		heap_inputs_sort(&inputs);
	return cli_report_several(inputs.order, inputs.n, o);
}
