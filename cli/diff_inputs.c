#include "cli/diff_inputs.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/errors.h"
#include "cli/settings.h"
#include "names/resolver.h"
#include "proc/disk_files.h"

void files_release(struct files *f)
{
	size_t i;

	for (i = 0; f->profiles && i < f->n; i++)
		heap_profile_release(&f->profiles[i]);
	free(f->profiles);
	free(f->order);
}

struct hs_error *files_read(struct files *f, const struct cli_options *o)
{
	const struct heap_selection selection = cli_selection(o);
	const struct names_options names = cli_names_options(o);
	const struct file_source source = disk_files(o->sysroot);
	_cleanup_resolver_ struct resolver *resolver = NULL;
	struct hs_error *err = NULL;
	size_t i;

	f->n = o->operands.n;
	f->profiles = calloc(f->n, sizeof(*f->profiles));
	f->order = calloc(f->n, sizeof(*f->order));
	if (!f->profiles || !f->order)
		return hs_error_nomem();
	for (i = 0; i < f->n; i++) {
		heap_profile_init(&f->profiles[i]);
		f->order[i] = &f->profiles[i];
	}
	for (i = 0; !err && i < f->n; i++)
		err = heap_selection_read(&selection, &names.monitor,
					  o->operands.items[i],
					  &f->profiles[i]);
	if (!err)
		err = resolver_create(&names, &source, &resolver);
	for (i = 0; !err && i < f->n; i++)
		err = resolver_names(resolver, &f->profiles[i]);
	return err;
}
