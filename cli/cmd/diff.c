#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/diff_inputs.h"
#include "cli/report.h"

static int by_time(const void *a, const void *b)
{
	const struct heap_profile *const *x = a, *const *y = b;
	const int64_t t = (*x)->meta.taken_at_us;
	const int64_t u = (*y)->meta.taken_at_us;

	if (t != u)
		return t < u ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

/* Of a trend: a shell may well have put a.10.heap before a.9.heap. */
static void files_sort(struct files *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->profiles[i].meta.taken_at_us < 0)
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
