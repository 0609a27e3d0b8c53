#include "base/cleanup.h"
#include "cli/commands.h"
#include "heap/input_kind.h"
#include "heap/input_order.h"
#include "report/report.h"

struct hs_error *cmd_diff(const struct cli_options *o)
{
	hs_cleanup(heap_inputs_release) struct heap_inputs inputs = { 0 };
	const struct monitor *monitor = &o->monitor;
	struct hs_error *err = cli_read_inputs(o, &inputs);

	if (!err)
		err = heap_inputs_order(&inputs, monitor);
	if (err)
		return err;
	heap_inputs_warn_programs(inputs.order, inputs.n, monitor);
	return cli_report_several(inputs.order, inputs.n, o);
}
