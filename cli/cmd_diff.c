#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/report.h"
#include "cli/resolve.h"

struct files {
	struct heap_profile *profiles;	   /* owned */
	const struct heap_profile **order; /* owned; by time */
	size_t n;
};

static void files_release(struct files *f)
{
	size_t i;

	for (i = 0; f->profiles && i < f->n; i++)
		heap_profile_release(&f->profiles[i]);
	free(f->profiles);
	free(f->order);
}

static struct hs_error *files_read(struct files *f, const struct cli_options *o)
{
	_cleanup_resolver_ struct resolver *resolver = NULL;
	struct hs_error *err = NULL;
	size_t i;

	f->n = o->n_operands;
	f->profiles = calloc(f->n, sizeof(*f->profiles));
	f->order = calloc(f->n, sizeof(*f->order));
	if (!f->profiles || !f->order)
		return hs_error_nomem();
	for (i = 0; i < f->n; i++) {
		heap_profile_init(&f->profiles[i]);
		f->order[i] = &f->profiles[i];
	}
	for (i = 0; !err && i < f->n; i++)
		err = filters_read_file(o, o->operands[i], &f->profiles[i]);
	if (!err)
		err = resolver_create(o, resolve_open_path, NULL, &resolver);
	for (i = 0; !err && i < f->n; i++)
		err = resolver_names(resolver, &f->profiles[i]);
	return err;
}

static int by_time(const void *a, const void *b)
{
	const struct heap_profile *const *x = a, *const *y = b;
	const int64_t t = (*x)->origin.taken_at_us;
	const int64_t u = (*y)->origin.taken_at_us;

	if (t != u)
		return t < u ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

/* Of a trend: a shell may well have put a.10.heap before a.9.heap. */
static void files_sort(struct files *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->profiles[i].origin.taken_at_us < 0)
			return;
	qsort(f->order, f->n, sizeof(*f->order), by_time);
}

struct hs_error *cmd_diff(const struct cli_options *o)
{
	hs_cleanup(files_release) struct files f = { 0 };
	struct hs_error *err = files_read(&f, o);

	if (err)
		return err;
	if (f.n > 2)
		files_sort(&f);
	return cli_report_several(f.order, f.n, o);
}
