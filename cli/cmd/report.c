#include "cli/report.h"
#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/diff_inputs.h"

struct hs_error *cmd_report(const struct cli_options *o)
{
	hs_cleanup(files_release) struct files f = { 0 };
	struct hs_error *err = files_read(&f, o);

	return err ? err : cli_report_one(f.order[0], o);
}
