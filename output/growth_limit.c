#include "output/growth_limit.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/strbuf.h"
#include "base/units.h"

struct hs_error *growth_limit_parse(struct growth_limit *limit)
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

/* Counts only growth beyond noise. */
static int64_t significant_growth(const struct rows *rows)
{
	int64_t bytes = 0;
	size_t i;

	for (i = 0; i < rows->n; i++)
		if (rows->items[i].bytes > 0 &&
		    row_significant(&rows->items[i]))
			bytes += rows->items[i].bytes;
	return bytes;
}

static struct hs_error *too_much(const struct growth_limit *limit,
				 int64_t bytes)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	units_add_bytes(&sb, bytes, false, UNITS_IEC);
	return hs_error_new(HS_ERROR_GREW,
			    "significant growth of %s%s is above %s",
			    strbuf_str(&sb), limit->per_second ? "/s" : "",
			    limit->text);
}

struct hs_error *growth_limit_check(const struct growth_limit *limit,
				    const struct rows *rows)
{
	int64_t bytes, us;

	if (!limit->text || !rows->before)
		return NULL;
	bytes = significant_growth(rows);
	if (limit->per_second) {
		us = rows_elapsed(rows);
		if (us <= 0)
			return hs_error_new(HS_ERROR_INPUT,
					    "the time between the snapshots is "
					    "not known: --fail-above %s cannot "
					    "be told",
					    limit->text);
		bytes = (int64_t)((double)bytes * 1e6 / (double)us);
	}
	return bytes > limit->bytes ? too_much(limit, bytes) : NULL;
}
