#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/report.h"
#include "names/resolver.h"

struct hs_error *cmd_report(const struct cli_options *o)
{
	hs_cleanup(heap_profile_release) struct heap_profile profile;
	const struct resolve_source source = resolve_from_disk(o);
	_cleanup_resolver_ struct resolver *resolver = NULL;
	struct hs_error *err;

	heap_profile_init(&profile);
	err = filters_read_file(o, o->operands[0], &profile);
	if (!err)
		err = resolver_create(o, &source, &resolver);
	if (!err)
		err = resolver_names(resolver, &profile);
	return err ? err : cli_report_one(&profile, o);
}
