#include <stdio.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/remarks.h"
#include "cli/report.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "mallctl/check.h"
#include "names/address_names.h"
#include "output/check_json.h"
#include "output/check_text.h"
#include "proc/identity.h"
#include "symbol/demangle.h"
#include "target/target_files.h"

static struct hs_error *write_check(FILE *f, const void *what,
				    const struct text_options *text)
{
	return text ? check_text_write(f, what, text)
		    : check_json_write(f, what);
}

struct namer {
	struct address_names *names;
	enum demangle_style style;
};

static struct hs_error *name_frame(const struct namer *namer,
				   struct check_frame *frame)
{
	struct strbuf function = { 0 };
	struct address_name name;
	struct hs_error *err;

	err = address_names_find(namer->names, frame->address, &name);
	if (err)
		return err;
	frame->file = name.file;
	frame->line = name.line;
	frame->module = name.module;
	frame->offset = name.offset;
	if (!name.function)
		return NULL;
	demangle(&function, name.function, namer->style);
	return strbuf_finish(&function, &frame->function);
}

static struct hs_error *name_thread(const struct namer *namer,
				    struct check_thread *t)
{
	struct hs_error *err = NULL;
	size_t i;

	if (t->inside)
		err = name_frame(namer, t->inside);
	for (i = 0; i < t->n_frames && !err; i++)
		err = name_frame(namer, &t->frames[i]);
	return err;
}

static struct hs_error *print(const struct identity *id, struct check *check,
			      const struct cli_options *o)
{
	const struct names_options options = cli_names_options(o);
	const struct target_files files = { id, o->sysroot };
	const struct file_source source = target_files_source(&files);
	struct check_report *r = &check->report;
	struct namer namer = {
		.style = o->format == FORMAT_JSON ? DEMANGLE_FULL
						  : DEMANGLE_SHORT,
	};
	struct hs_error *err;
	size_t i;

	r->ok = !check->verdict;
	r->exit_status = r->ok ? EXIT_OK : errors_status(check->verdict);
	err = address_names_create(&options, &source, &check->maps,
				   &namer.names);
	for (i = 0; i < r->n_threads && !err; i++)
		err = name_thread(&namer, &r->threads[i]);
	if (!err)
		err = cli_write(o, write_check, r);
	address_names_destroy(namer.names);
	return err;
}

struct hs_error *cmd_check(const struct cli_options *o)
{
	const struct check_options options = {
		.session = cli_session_options(o),
		.each_thread = o->verbose,
	};
	hs_cleanup(identity_close) struct identity id = { 0 };
	hs_cleanup(check_release) struct check check = { 0 };
	struct hs_error *err;
	struct deadline d;

	signals_catch();
	d = cli_deadline(o);
	err = identity_open((pid_t)o->pid, &id);
	if (err)
		return err;
	remark_left_on(o, &id);
	err = check_process(&id, &options, &d, &check);
	if (err)
		return err;
	err = print(&id, &check, o);
	if (err || !check.verdict)
		return err;
	return hs_error_new(hs_error_code(check.verdict),
			    "process %d ('%s') cannot be snapshotted",
			    (int)id.pid, id.command);
}
