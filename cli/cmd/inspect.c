#include <stdio.h>
#include <sys/prctl.h>

#include "attach/preflight.h"
#include "base/cleanup.h"
#include "base/deadline.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/signals.h"
#include "contents/inspect.h"
#include "output/contents_json.h"
#include "output/contents_text.h"
#include "proc/meminfo.h"
#include "report/report.h"

static struct hs_error *write_contents(FILE *f, const void *what,
				       const struct text_options *text)
{
	return text ? contents_text_write(f, what, text)
		    : contents_json_write(f, what);
}

static void remark_contents(const struct cli_options *o,
			    const struct heap_contents *c)
{
	if (c->swapped)
		errors_note(o,
			    "%lld pages of it are swapped out, and were not "
			    "read",
			    (long long)c->swapped);
	/* The text says so itself. */
	if (c->reach_left_out && o->output)
		errors_note(o,
			    "leaks were not looked for: %s; --max-memory "
			    "allows more",
			    c->reach_left_out);
	if (c->unclear)
		errors_note(o,
			    "%lld slabs changed while they were read, and are "
			    "left out",
			    (long long)c->unclear);
}

/* Bytes that this process may take. */
static uint64_t most_memory(const struct cli_options *o)
{
	const uint64_t available = meminfo_available();

	if (o->max_memory)
		return (uint64_t)o->max_memory;
	return available ? available / 4 : UINT64_MAX;
}

static struct hs_error *take(const struct identity *id,
			     const struct cli_options *o,
			     const struct inspect_options *options,
			     struct heap_contents *ret)
{
	hs_cleanup(inspect_past_release) struct inspect_past past = { 0 };
	const int64_t next = clock_us() + o->interval_us;
	struct hs_error *err;

	if (o->count == 1)
		return inspect_take(id, options, NULL, ret);
	err = inspect_begin(id, options, &past);
	if (!err)
		err = signals_wait_alive(id, next - clock_us(),
					 errors_progress(), "second look");
	return err ? err : inspect_take(id, options, &past, ret);
}

static struct hs_error *inspect(const struct identity *id,
				const struct cli_options *o)
{
	hs_cleanup(heap_contents_release) struct heap_contents contents;
	const struct inspect_options options = {
		.no_types = o->no_contents,
		.reach = o->leaks,
		.demangle = o->demangle,
		.search_us = o->timeout_us,
		.most = most_memory(o),
		.monitor = o->monitor,
	};
	struct hs_error *err;

	heap_contents_init(&contents);
	err = preflight_read(id);
	if (!err)
		err = take(id, o, &options, &contents);
	if (!err)
		err = cli_write(o, write_contents, &contents);
	if (!err)
		remark_contents(o, &contents);
	return err;
}

struct hs_error *cmd_inspect(const struct cli_options *o)
{
	hs_cleanup(identity_close) struct identity id = { 0 };
	struct hs_error *err;

	/* What is read of the process is its users' data: of a crash of ours
	 * there is no core file, and nobody but root reads our memory. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return hs_error_new(HS_ERROR_SYSTEM,
				    "cannot make itself unreadable to others");
	signals_catch();
	err = identity_open((pid_t)o->pid, &id);
	return err ? err : inspect(&id, o);
}
