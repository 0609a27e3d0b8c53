#include "options/filters.h"

#include <string.h>

#include "heap/default_suppressions.h"
#include "output/format_names.h"

/* A call has an address; what several are grouped by has none. */
static struct hs_error *check_addresses(const struct cli_options *o)
{
	if (!o->addresses)
		return NULL;
	if (o->by != ROWS_STACKS)
		return hs_error_new(HS_ERROR_USAGE,
				    "--addresses are those of stacks: leave "
				    "out --by");
	if (o->format == FORMAT_TEXT || o->format == FORMAT_JSON ||
	    o->format == FORMAT_CSV)
		return NULL;
	return hs_error_new(
		HS_ERROR_USAGE,
		"--addresses are shown as text, json or csv, not as "
		"%s",
		format_names[o->format]);
}

static struct hs_error *check(const struct cli_options *o)
{
	if (o->inuse && o->alloc)
		return hs_error_new(HS_ERROR_USAGE, "--inuse and --alloc "
						    "contradict each other");
	if (o->fail_above.text && o->command == CLI_SNAP && o->count == 1 &&
	    !o->base)
		return hs_error_new(HS_ERROR_USAGE,
				    "--fail-above is about growth: one "
				    "snapshot alone has none");
	if (o->command == CLI_RUN_COMMAND && o->fail_above.text &&
	    strchr(o->fail_above.text, '/'))
		return hs_error_new(HS_ERROR_USAGE,
				    "invalid --fail-above '%s': want a size "
				    "such as 10M: what is left at the end has "
				    "no rate",
				    o->fail_above.text);
	if (o->fail_above.on == GROWTH_RSS && !o->fail_above.text)
		return hs_error_new(HS_ERROR_USAGE,
				    "--fail-on rss needs a limit: "
				    "--fail-above SIZE");
	return check_addresses(o);
}

struct hs_error *filters_finish(struct cli_options *o)
{
	struct hs_error *err = check(o);

	if (o->wrap && !o->fail_above.text)
		o->fail_above.text = "0";
	if (!err)
		err = pattern_compile(&o->focus, "focus");
	if (!err)
		err = pattern_compile(&o->ignore, "ignore");
	if (!err)
		err = pattern_compile(&o->hide, "hide");
	if (!err)
		err = pattern_compile(&o->show, "show");
	if (!err)
		err = pattern_compile(&o->thread, "thread");
	if (!err)
		err = growth_limit_parse(&o->fail_above);
	if (!err && o->command == CLI_RUN_COMMAND &&
	    !o->no_default_suppressions)
		err = heap_default_suppressions(&o->suppressions);
	if (!err && o->suppressions_path)
		err = heap_suppressions_read(&o->suppressions,
					     o->suppressions_path);
	return err;
}

void filters_release(struct cli_options *o)
{
	pattern_release(&o->focus);
	pattern_release(&o->ignore);
	pattern_release(&o->hide);
	pattern_release(&o->show);
	pattern_release(&o->thread);
	pattern_release(&o->wrapper);
	heap_suppressions_release(&o->suppressions);
}
