#include "report/report.h"

#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "heap/diff.h"
#include "names/resolver.h"
#include "output/format_names.h"
#include "output/growth_limit.h"
#include "output/report.h"
#include "output/row_recipes.h"
#include "output/sink.h"
#include "proc/disk_files.h"
#include "report/confinement.h"
#include "report/pager.h"
#include "report/settings.h"

struct hs_error *cli_read_inputs(const struct cli_options *o,
				 struct heap_inputs *ret)
{
	const struct heap_selection selection = cli_selection(o);
	const struct names_options names = cli_names_options(o);
	const struct file_source source = disk_files(o->sysroot);
	_cleanup_resolver_ struct resolver *resolver = NULL;
	struct hs_error *err;
	size_t i;

	err = heap_inputs_open(ret, o->operands.items, o->operands.n);
	if (!err)
		err = cli_confine(o, &o->operands);
	if (!err)
		err = heap_inputs_read(ret, &selection, &names.monitor);
	if (!err)
		err = resolver_create(&names, &source, &resolver);
	for (i = 0; !err && i < ret->n; i++)
		err = resolver_names(resolver, &ret->profiles[i]);
	return err;
}

/* Where the report goes, and what its reader's terminal can do, which is behind
 * the pager. close_report() on success. */
static struct hs_error *open_report(const struct cli_options *o,
				    struct sink *sink,
				    struct text_options *text)
{
	FILE *pipe = o->pager->f;
	struct hs_error *err;

	err = sink_open(sink, o->output, pipe ? pipe : o->pager->standard);
	if (err)
		return err;
	o->pager->f = NULL;
	*text = cli_text_options(o, pipe ? o->pager->standard : sink->f);
	return NULL;
}

static struct hs_error *close_report(const struct cli_options *o,
				     struct sink *sink, struct hs_error *err)
{
	err = sink_close(sink, err);
	pager_finish(o->pager);
	return err;
}

/* What is not counted can be no order, and jeprof's text needs the number. */
static struct hs_error *check_objects(const struct rows *rows,
				      const struct cli_options *o)
{
	const bool sorts = o->sort == ROWS_BY_OBJECTS;

	if (rows_count_objects(rows) || (!sorts && o->format != FORMAT_JEPROF))
		return NULL;
	return hs_error_hint(
		hs_error_new(HS_ERROR_INPUT,
			     "%s needs numbers of objects, which %s does not "
			     "count",
			     sorts ? "--sort objects" : "-f jeprof",
			     rows->before ? "one of the profiles"
					  : "this profile"),
		sorts ? "--sort bytes" : "-f pprof and -f folded do without");
}

/* @limit: what --fail-above says of @rows, which some formats tell. */
static struct hs_error *write_rows(const struct rows *rows,
				   const struct cli_options *o,
				   const struct hs_error *limit)
{
	struct text_options text;
	struct hs_error *err;
	struct sink sink;

	err = check_objects(rows, o);
	if (!err)
		err = open_report(o, &sink, &text);
	if (err)
		return err;
	text.verdict = cli_limit_verdict(o, limit);
	err = report_write(sink.f, rows, o->format, &text);
	return close_report(o, &sink, err);
}

/* Compares growth with --fail-above by stacks, whatever the report has. @rows:
 * those of the report. */
static struct hs_error *check_growth(const struct heap_profile *const *profiles,
				     size_t n, bool interval,
				     const struct rows *rows,
				     const struct cli_options *o)
{
	hs_cleanup(heap_diff_release) struct heap_diff diff = { 0 };
	hs_cleanup(rows_release) struct rows stacks = { 0 };
	struct rows_options options = cli_rows_options(o);
	struct hs_error *err = NULL;

	if (!o->fail_above.text)
		return NULL;
	if (o->by == ROWS_STACKS)
		return growth_limit_check(&o->fail_above, rows,
					  !o->thread.text);
	options.group = ROWS_STACKS;
	options.columns = false;
	if (n == 2) {
		err = heap_diff(profiles[0], profiles[1], &diff);
		if (!err)
			err = rows_of_diff(&diff, &options, &stacks);
	} else if (interval) {
		err = rows_of_interval(profiles, n, &options, &stacks);
	} else {
		err = rows_of_trend(profiles, n, &options, &stacks);
	}
	return err ? err
		   : growth_limit_check(&o->fail_above, &stacks,
					!o->thread.text);
}

/* Writes @rows and compares them with --fail-above. */
static struct hs_error *write_judged(const struct heap_profile *const *profiles,
				     size_t n, bool interval,
				     const struct rows *rows,
				     const struct cli_options *o)
{
	struct hs_error *limit = check_growth(profiles, n, interval, rows, o);
	struct hs_error *err = write_rows(rows, o, limit);

	if (!err)
		return limit;
	hs_error_free(limit);
	return err;
}

static struct hs_error *
report_interval(const struct heap_profile *const *profiles, size_t n,
		const struct cli_options *o)
{
	hs_cleanup(rows_release) struct rows rows = { 0 };
	struct rows_options options = cli_rows_options(o);
	struct hs_error *err;

	err = rows_of_interval(profiles, n, &options, &rows);
	if (!err)
		err = rows_set_interval(&rows, profiles, n);
	return err ? err : write_judged(profiles, n, true, &rows, o);
}

struct hs_error *cli_report_interval(const struct heap_profile *const *profiles,
				     size_t n, const struct cli_options *o)
{
	hs_cleanup(heap_diff_release) struct heap_diff diff = { 0 };
	hs_cleanup(rows_release) struct rows rows = { 0 };
	struct rows_options options = cli_rows_options(o);
	struct hs_error *err;

	if (n > 2)
		return report_interval(profiles, n, o);
	err = heap_diff(profiles[0], profiles[1], &diff);
	if (!err)
		err = rows_of_diff(&diff, &options, &rows);
	return err ? err : write_judged(profiles, 2, false, &rows, o);
}

struct hs_error *cli_report_diff(const struct heap_profile *before,
				 const struct heap_profile *after,
				 const struct cli_options *o)
{
	const struct heap_profile *profiles[] = { before, after };

	return cli_report_interval(profiles, 2, o);
}

struct hs_error *cli_report_several(const struct heap_profile *const *profiles,
				    size_t n, const struct cli_options *o)
{
	hs_cleanup(rows_release) struct rows rows = { 0 };
	struct rows_options options = cli_rows_options(o);
	struct hs_error *err;

	if (n == 2)
		return cli_report_diff(profiles[0], profiles[1], o);
	err = rows_of_trend(profiles, n, &options, &rows);
	return err ? err : write_judged(profiles, n, false, &rows, o);
}

struct hs_error *cli_report_one(struct heap_profile *profile,
				const struct cli_options *o)
{
	hs_cleanup(rows_release) struct rows rows = { 0 };
	struct rows_options options = cli_rows_options(o);
	struct hs_error *err;

	err = rows_take_profile(profile, &options, &rows);
	return err ? err : write_rows(&rows, o, NULL);
}

struct hs_error *cli_report_check(const struct cli_options *o)
{
	if (o->output || !format_is_binary(o->format))
		return NULL;
	/* The report of a run goes to stderr, where it is not alone. */
	if (o->command == CLI_RUN_COMMAND)
		return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
						  "-f %s needs a file",
						  format_names[o->format]),
				     "give it with -o FILE");
	if (!isatty(STDOUT_FILENO))
		return NULL;
	return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
					  "-f %s is not for a terminal",
					  format_names[o->format]),
			     "write it to a file with -o FILE");
}

struct hs_error *cli_write(const struct cli_options *o, cli_writer *writer,
			   const void *what)
{
	struct text_options text;
	struct hs_error *err;
	struct sink sink;

	err = open_report(o, &sink, &text);
	if (err)
		return err;
	err = writer(sink.f, what, o->format == FORMAT_JSON ? NULL : &text);
	return close_report(o, &sink, err);
}
