#include "cli/filters.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "output/format_names.h"

static struct hs_error *compile(const char *name, struct cli_regex *re)
{
	char why[128];
	int rc;

	if (!re->text)
		return NULL;
	rc = regcomp(&re->compiled, re->text, REG_EXTENDED | REG_NOSUB);
	if (rc) {
		regerror(rc, &re->compiled, why, sizeof(why));
		return hs_error_new(HS_ERROR_USAGE, "invalid --%s '%s': %s",
				    name, re->text, why);
	}
	re->done = true;
	return NULL;
}

static void release(struct cli_regex *re)
{
	if (re->done)
		regfree(&re->compiled);
	re->done = false;
}

/* "10M", "64K/s" */
static struct hs_error *finish_limit(struct growth_limit *limit)
{
	_cleanup_free_ char *size = NULL;
	uint64_t bytes;
	size_t len;

	if (!limit->text)
		return NULL;
	size = strdup(limit->text);
	if (!size)
		return hs_error_nomem();
	len = strlen(size);
	if (len > 2 && !strcmp(size + len - 2, "/s")) {
		limit->per_second = true;
		size[len - 2] = '\0';
	}
	if (!parse_size(size, &bytes) || bytes > INT64_MAX)
		return hs_error_new(HS_ERROR_USAGE,
				    "invalid --fail-above '%s': want a size "
				    "such as 10M, or 64K/s",
				    limit->text);
	limit->bytes = (int64_t)bytes;
	return NULL;
}

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
	return hs_error_new(HS_ERROR_USAGE,
			    "--addresses are told as text, json or csv, not as "
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
	return check_addresses(o);
}

struct hs_error *filters_finish(struct cli_options *o)
{
	struct {
		const char *name;
		struct cli_regex *re;
	} regexes[] = {
		{ "focus", &o->focus },	  { "ignore", &o->ignore },
		{ "hide", &o->hide },	  { "show", &o->show },
		{ "thread", &o->thread },
	};
	struct hs_error *err = check(o);
	size_t i;

	for (i = 0; !err && i < ARRAY_SIZE(regexes); i++)
		err = compile(regexes[i].name, regexes[i].re);
	if (!err)
		err = finish_limit(&o->fail_above);
	if (!err && o->suppressions_path)
		err = heap_suppressions_read(&o->suppressions,
					     o->suppressions_path);
	return err;
}

void filters_release(struct cli_options *o)
{
	release(&o->focus);
	release(&o->ignore);
	release(&o->hide);
	release(&o->show);
	release(&o->thread);
	heap_suppressions_release(&o->suppressions);
}
