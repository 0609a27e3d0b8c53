#include <stdio.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "names/address_names.h"
#include "output/check_report.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "target/target_files.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "mallctl/check.h"
#include "proc/identity.h"

static struct hs_error *write_check(FILE *f, const void *what,
				    const struct text_options *text)
{
	return text ? check_report_text(f, what, text)
		    : check_report_json(f, what);
}

static struct hs_error *print(const struct identity *id,
			      const struct check *check,
			      const struct cli_options *o)
{
	struct check_report r = {
		.id = id,
		.check = check,
		.status = check->verdict ? errors_status(check->verdict)
					 : EXIT_OK,
	};
	struct hs_error *err;

	err = check_names_create(o, id, &check->maps, &r.names);
	if (err)
		return err;
	err = cli_write(o, write_check, &r);
	check_names_destroy(r.names);
	return err;
}

struct hs_error *cmd_check(const struct cli_options *o)
{
	const struct check_options options = {
		.session = live_session_options(o),
		.each_thread = o->verbose,
	};
	hs_cleanup(identity_close) struct identity id = { 0 };
	hs_cleanup(check_release) struct check check = { 0 };
	struct hs_error *err;
	struct deadline d;

	signals_catch();
	d = deadline_in(o->timeout_us, signals_stop());
	err = identity_open((pid_t)o->pid, &id);
	if (!err)
		live_tell_left_on(&id, o);
	if (!err)
		err = check_process(&id, &options, &d, &check);
	if (!err)
		err = print(&id, &check, o);
	if (err || !check.verdict)
		return err;
	return hs_error_new(hs_error_code(check.verdict),
			    "process %d ('%s') cannot be snapshotted",
			    (int)id.pid, id.command);
}
