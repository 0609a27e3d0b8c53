#include "cli/filters.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/strbuf.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "heap/threads.h"
#include "base/units.h"

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

static const regex_t *given(const struct cli_regex *re)
{
	return re->done ? &re->compiled : NULL;
}

/* "10M", "64K/s" */
static struct hs_error *finish_limit(struct cli_limit *limit)
{
	_cleanup_free_ char *size = NULL;
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
	if (!parse_size(size, &limit->bytes) || limit->bytes > INT64_MAX)
		return hs_error_new(HS_ERROR_USAGE,
				    "invalid --fail-above '%s': want a size "
				    "such as 10M, or 64K/s",
				    limit->text);
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

/* These tell of threads what there is. */
static bool wants_extras(const struct cli_options *o)
{
	return o->format == FORMAT_PPROF || o->thread_column;
}

struct rows_options cli_rows_options(const struct cli_options *o)
{
	return (struct rows_options){
		.sort = (enum rows_sort)o->sort,
		.group = (enum rows_group)o->by,
		.counts = o->alloc ? ROWS_ALLOCATED : ROWS_INUSE,
		.extras = wants_extras(o),
		.no_inlines = o->no_inlines,
		.addresses = o->addresses,
		.fold = (enum rows_fold)o->fold,
		.significant = o->significant,
		.suppressions = o->suppressions.n ? &o->suppressions : NULL,
		.focus = given(&o->focus),
		.ignore = given(&o->ignore),
		.hide = given(&o->hide),
		.show = given(&o->show),
	};
}

static bool needs_threads(const struct cli_options *o)
{
	return o->by == ROWS_THREADS || o->thread.text || o->thread_column;
}

struct heap_read_options filters_read_options(const struct cli_options *o)
{
	return (struct heap_read_options){
		.threads = needs_threads(o) || wants_extras(o),
	};
}

static struct hs_error *keep_threads(const struct cli_options *o,
				     struct heap_profile *p)
{
	_cleanup_free_ bool *keep = calloc(p->n_threads + 1, sizeof(*keep));
	bool any = false;
	size_t i;

	if (!keep)
		return hs_error_nomem();
	for (i = 0; i < p->n_threads; i++) {
		_cleanup_strbuf_ struct strbuf label = { 0 };

		heap_thread_label(&p->threads[i], &label);
		keep[i] = !regexec(&o->thread.compiled, strbuf_str(&label), 0,
				   NULL, 0);
		any |= keep[i];
	}
	if (!any)
		errors_note(o, "no thread of '%s' matches '%s'",
			    p->origin.file ? p->origin.file : "the process",
			    o->thread.text);
	heap_profile_keep_threads(p, keep);
	return NULL;
}

struct hs_error *filters_apply(const struct cli_options *o,
			       struct heap_profile *p)
{
	const char *name = p->origin.file ? p->origin.file : "the process";

	if (!p->n_stacks)
		return NULL;
	if (o->alloc && !p->allocated)
		return hs_error_hint(
			hs_error_new(HS_ERROR_INPUT,
				     "'%s' does not tell what was allocated "
				     "since the start, only what is in use",
				     name),
			"jemalloc counts that only when the process was "
			"started with MALLOC_CONF=...,prof_accum:true");
	if (!needs_threads(o))
		return NULL;
	if (!p->n_parts)
		return hs_error_new(HS_ERROR_INPUT,
				    "'%s' does not tell threads apart: only "
				    "jemalloc 4.0 and later does",
				    name);
	return o->thread.done ? keep_threads(o, p) : NULL;
}

struct hs_error *filters_read_file(const struct cli_options *o,
				   const char *path, struct heap_profile *ret)
{
	const struct heap_read_options wanted = filters_read_options(o);
	struct hs_error *err;

	err = heap_read_file_with(path, &wanted, ret);
	return err ? err : filters_apply(o, ret);
}

/* Only growth that is no noise. */
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

static struct hs_error *too_much(int64_t bytes, const struct cli_limit *limit)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	units_add_bytes(&sb, bytes, false, UNITS_IEC);
	return hs_error_new(HS_ERROR_GREW,
			    "significant growth of %s%s is above %s",
			    strbuf_str(&sb), limit->per_second ? "/s" : "",
			    limit->text);
}

struct hs_error *filters_check_growth(const struct cli_options *o,
				      const struct rows *rows)
{
	const struct cli_limit *limit = &o->fail_above;
	int64_t bytes = significant_growth(rows), us;

	if (!limit->text || !rows->before)
		return NULL;
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
	if (bytes <= (int64_t)limit->bytes)
		return NULL;
	return too_much(bytes, limit);
}
