#include <stdio.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "cli/cmd/check.h"
#include "cli/errors.h"
#include "cli/remarks.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "cli/version.h"
#include "contents/live_heap.h"
#include "mallctl/check.h"
#include "names/check_names.h"
#include "output/check_dossier.h"
#include "output/check_json.h"
#include "output/check_text.h"
#include "output/sink.h"
#include "proc/identity.h"
#include "proc/process_facts.h"
#include "report/report.h"
#include "report/settings.h"
#include "target/target_files.h"

enum { DOSSIER_LOOKS = 5 };

static struct hs_error *write_check(FILE *f, const void *what,
				    const struct text_options *text)
{
	return text ? check_text_write(f, what, text)
		    : check_json_write(f, what);
}

static struct hs_error *write_dossier(FILE *f, const struct check_report *r)
{
	_cleanup_strbuf_ struct strbuf facts = { 0 };
	struct check_dossier dossier = { .report = r,
					 .version = heapsnap_version };
	struct hs_error *err;

	process_facts_add(&facts, (pid_t)r->pid);
	err = strbuf_check(&facts);
	if (err)
		return err;
	dossier.facts = strbuf_str(&facts);
	return check_dossier_write(f, &dossier);
}

struct hs_error *check_write_dossiers(const char *path,
				      const struct check_report *const *reports,
				      size_t n)
{
	struct hs_error *err;
	struct sink sink;
	size_t i;

	err = sink_open(&sink, path, stdout);
	if (err)
		return err;
	for (i = 0; i < n && !err; i++) {
		if (i)
			fputc('\n', sink.f);
		err = write_dossier(sink.f, reports[i]);
	}
	return sink_close(&sink, err);
}

static struct hs_error *add_names(const struct identity *id,
				  const struct cli_options *o,
				  struct check *check)
{
	struct names_options options = cli_names_options(o);
	const struct target_files files = { id, o->sysroot };
	const struct file_source source = target_files_source(&files);
	const enum demangle_style style =
		o->format == FORMAT_JSON ? DEMANGLE_FULL : DEMANGLE_SHORT;
	struct check_report *r = &check->report;
	struct hs_error *err;

	options.cache = names_cache_writable(options.cache);
	r->ok = !check->verdict;
	r->exit_status = r->ok ? EXIT_OK : errors_status(check->verdict);
	err = check_names_add(&options, &source, &check->maps, style, r);
	if (!err && o->check_report)
		err = check_modules_add(&source, &check->maps, r);
	return err;
}

/* It has a jemalloc, which was asked. */
static bool has_jemalloc(const struct check *check)
{
	return !check->verdict ||
	       hs_error_code(check->verdict) == HS_ERROR_NO_PROFILE;
}

/* Whether its heap can be looked at, of which a snapshot needs nothing. */
static struct hs_error *add_inspect(const struct identity *id,
				    const struct cli_options *o,
				    struct check *check)
{
	const struct deadline d = cli_deadline(o);
	hs_cleanup(live_heap_close) struct live_heap heap;
	struct hs_error *err;

	err = live_heap_open(id, 0, &d, &heap);
	if (!err)
		return check_add(check, "inspect", CHECK_YES,
				 "jemalloc's records are as of %s",
				 heap.tree.layout->versions);
	if (hs_error_code(err) != HS_ERROR_UNPROFILED &&
	    hs_error_code(err) != HS_ERROR_TIMEOUT)
		return err;
	return check_add_warning(check, "inspect", err);
}

struct hs_error *check_prepare(const struct identity *id,
			       const struct cli_options *o, struct check *check)
{
	const struct check_options options = {
		.session = cli_session_options(o),
		.each_thread = o->verbose,
		.looks = o->check_report ? DOSSIER_LOOKS : 0,
	};
	struct deadline d = cli_deadline(o);
	struct hs_error *err;

	remark_left_on(o, id);
	err = check_process(id, &options, &d, check);
	if (!err && has_jemalloc(check))
		err = add_inspect(id, o, check);
	return err ? err : add_names(id, o, check);
}

struct hs_error *check_of(const struct identity *id,
			  const struct cli_options *o)
{
	hs_cleanup(check_release) struct check check = { 0 };
	const struct check_report *report = &check.report;
	struct hs_error *err;

	err = check_prepare(id, o, &check);
	if (!err && o->check_report)
		err = check_write_dossiers(o->check_report, &report, 1);
	if (!err)
		err = cli_write(o, write_check, report);
	if (err || !check.verdict)
		return err;
	return hs_error_new(hs_error_code(check.verdict),
			    "process %d ('%s') cannot be snapshotted",
			    (int)id->pid, id->command);
}
