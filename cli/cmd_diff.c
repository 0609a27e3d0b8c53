#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/report.h"
#include "cli/resolve.h"

struct hs_error *cmd_diff(const struct cli_options *o)
{
	hs_cleanup(heap_profile_release) struct heap_profile before;
	hs_cleanup(heap_profile_release) struct heap_profile after;
	_cleanup_resolver_ struct resolver *resolver = NULL;
	struct hs_error *err;

	heap_profile_init(&before);
	heap_profile_init(&after);
	err = filters_read_file(o, o->operands[0], &before);
	if (!err)
		err = filters_read_file(o, o->operands[1], &after);
	if (!err)
		err = resolver_create(o, resolve_open_path, NULL, &resolver);
	if (!err)
		err = resolver_names(resolver, &before);
	if (!err)
		err = resolver_names(resolver, &after);
	return err ? err : cli_report_diff(&before, &after, o);
}
