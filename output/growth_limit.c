#include "output/growth_limit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "heap/memory_breakdown.h"

/* A script is not to fail where nothing grew: the chance of that, and as many
 * standard errors. A report may be wrong far more often. */
static const double CHANCE = 0.001, DEVIATIONS = 3.3;

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

/* Counts only growth beyond noise, where a stack is surer than that. */
static int64_t significant_growth(const struct rows *rows)
{
	const struct row *row;
	bool sure = false;
	int64_t bytes = 0;
	size_t i;

	for (i = 0; i < rows->n; i++) {
		row = &rows->items[i];
		if (row->bytes <= 0 || !row_significant(row))
			continue;
		sure |= row->chance <= CHANCE;
		bytes += row->bytes;
	}
	return sure ? bytes : 0;
}

/* Many changes within the noise can add up to one that is not. */
static int64_t net_growth(const struct rows *rows)
{
	const double error = sqrt(rows->net.variance);

	if (!rows_net_grew(rows) ||
	    (double)rows->net.bytes <= DEVIATIONS * error)
		return 0;
	return rows->net.bytes;
}

/* By jemalloc's counter, whose only noise is its slack. */
static int64_t counted_growth(const struct rows *rows)
{
	struct heap_breakdown before, after;

	if (rows->live.known && rows->live.bytes <= 2 * rows->live.slack)
		return 0;
	heap_breakdown_make_pair(&rows->before->meta, &rows->after->meta,
				 &before, &after);
	return heap_breakdown_growth(&before, &after, HEAP_BREAKDOWN_LIVE);
}

/* HS_ERROR_INPUT when it is not known. */
static struct hs_error *resident_growth(const struct rows *rows, int64_t *ret)
{
	const struct heap_meta *const both[] = { &rows->before->meta,
						 &rows->after->meta };
	struct heap_breakdown after;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(both); i++)
		if (both[i]->rss < 0)
			return hs_error_new(HS_ERROR_INPUT,
					    "'%s' does not tell how much "
					    "memory was resident: --fail-on "
					    "rss cannot be told",
					    both[i]->file ? both[i]->file
							  : "a snapshot");
	heap_breakdown_make(both[1], &after);
	*ret = both[1]->rss - both[0]->rss;
	if (*ret < heap_breakdown_worth(&after))
		*ret = 0;
	return NULL;
}

/* Compares @bytes that grew; @what says of what. */
static struct hs_error *compare(const struct growth_limit *limit,
				const struct rows *rows, int64_t bytes,
				const char *what)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	int64_t us = rows_elapsed(rows);

	if (limit->per_second && us <= 0)
		return hs_error_new(HS_ERROR_INPUT,
				    "the time between the snapshots is not "
				    "known: --fail-above %s cannot be told",
				    limit->text);
	if (limit->per_second)
		bytes = (int64_t)((double)bytes * 1e6 / (double)us);
	if (bytes <= limit->bytes)
		return NULL;
	units_add_bytes(&sb, bytes, false, UNITS_IEC);
	return hs_error_new(HS_ERROR_GREW, "%s of %s%s is above %s", what,
			    strbuf_str(&sb), limit->per_second ? "/s" : "",
			    limit->text);
}

struct hs_error *growth_limit_check(const struct growth_limit *limit,
				    const struct rows *rows, bool whole)
{
	struct hs_error *err;
	int64_t bytes = 0;

	if (!limit->text || !rows->before)
		return NULL;
	if (limit->on == GROWTH_RSS) {
		err = resident_growth(rows, &bytes);
		return err ? err
			   : compare(limit, rows, bytes,
				     "growth of resident memory");
	}
	err = compare(limit, rows, significant_growth(rows),
		      "significant growth");
	if (!err)
		err = compare(limit, rows, net_growth(rows),
			      "growth of all stacks together");
	if (err || !whole || rows->n_unfocused || rows->suppressed.rows ||
	    rows->counts != ROWS_INUSE)
		return err;
	return compare(limit, rows, counted_growth(rows),
		       "growth of what jemalloc has allocated");
}
