#include "base/cleanup.h"
#include "base/strbuf.h"
#include "cli/commands.h"
#include "heap/format/snapshot.h"
#include "heap/input_kind.h"
#include "heap/merge.h"
#include "report/report.h"

static struct hs_error *write_snapshot(const struct heap_profile *p,
				       const char *path)
{
	_cleanup_strbuf_ struct strbuf dump = { 0 };
	struct hs_error *err;

	/* A dump always says how it was sampled, and has both numbers. */
	if (p->sampling_unknown || p->no_objects)
		return hs_error_hint(
			hs_error_new(HS_ERROR_INPUT,
				     "cannot write '%s': one of the profiles "
				     "does not %s",
				     path,
				     p->sampling_unknown
					     ? "tell how it was sampled"
					     : "count objects"),
			"a report of them can be written: -o FILE.html");
	heap_merge_dump(&dump, p);
	err = strbuf_check(&dump);
	return err ? err : heap_snapshot_write(path, dump.buf, dump.len, p);
}

struct hs_error *cmd_merge(const struct cli_options *o)
{
	hs_cleanup(heap_profile_release) struct heap_profile merged;
	hs_cleanup(heap_inputs_release) struct heap_inputs inputs = { 0 };
	struct hs_error *err;

	heap_profile_init(&merged);
	err = cli_read_inputs(o, &inputs);
	if (!err)
		err = heap_inputs_check_apart(inputs.order, inputs.n);
	if (!err)
		err = heap_merge(inputs.order, inputs.n, &merged);
	if (err)
		return err;
	if (o->format == FORMAT_HEAP)
		return write_snapshot(&merged, o->output);
	return cli_report_one(&merged, o);
}
