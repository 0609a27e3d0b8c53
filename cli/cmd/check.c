#include <stdio.h>

#include "base/cleanup.h"
#include "cli/cmd/check.h"
#include "cli/cmd/check_group.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/remarks.h"
#include "cli/report.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "mallctl/check.h"
#include "names/check_names.h"
#include "output/check_json.h"
#include "output/check_text.h"
#include "proc/identity.h"
#include "target/target_files.h"

static struct hs_error *write_check(FILE *f, const void *what,
				    const struct text_options *text)
{
	return text ? check_text_write(f, what, text)
		    : check_json_write(f, what);
}

static struct hs_error *add_names(const struct identity *id,
				  const struct cli_options *o,
				  struct check *check)
{
	const struct names_options options = cli_names_options(o);
	const struct target_files files = { id, o->sysroot };
	const struct file_source source = target_files_source(&files);
	const enum demangle_style style =
		o->format == FORMAT_JSON ? DEMANGLE_FULL : DEMANGLE_SHORT;
	struct check_report *r = &check->report;

	r->ok = !check->verdict;
	r->exit_status = r->ok ? EXIT_OK : errors_status(check->verdict);
	return check_names_add(&options, &source, &check->maps, style, r);
}

struct hs_error *check_prepare(const struct identity *id,
			       const struct cli_options *o, struct check *check)
{
	const struct check_options options = {
		.session = cli_session_options(o),
		.each_thread = o->verbose,
	};
	struct deadline d = cli_deadline(o);
	struct hs_error *err;

	remark_left_on(o, id);
	err = check_process(id, &options, &d, check);
	return err ? err : add_names(id, o, check);
}

struct hs_error *check_of(const struct identity *id,
			  const struct cli_options *o)
{
	hs_cleanup(check_release) struct check check = { 0 };
	struct hs_error *err;

	err = check_prepare(id, o, &check);
	if (!err)
		err = cli_write(o, write_check, &check.report);
	if (err || !check.verdict)
		return err;
	return hs_error_new(hs_error_code(check.verdict),
			    "process %d ('%s') cannot be snapshotted",
			    (int)id->pid, id->command);
}

struct hs_error *cmd_check(const struct cli_options *o)
{
	hs_cleanup(identity_close) struct identity id = { 0 };
	struct hs_error *err;

	signals_catch();
	if (o->children || o->pids.n > 1)
		return check_group(o);
	err = identity_open((pid_t)o->pid, &id);
	return err ? err : check_of(&id, o);
}
