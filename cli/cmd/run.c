#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "launch/child.h"
#include "launch/environment.h"
#include "launch/folder.h"
#include "launch/library.h"
#include "launch/memory_watch.h"
#include "launch/program.h"
#include "launch/stand_in.h"
#include "output/sink.h"
#include "report/left.h"
#include "report/settings.h"

/* One run of the command. */
struct run {
	const struct cli_options *o;
	struct program program;
	struct launch_folder folder;
	struct child child;
	struct stand_in stand_in;
	struct memory_watch watch;
};

static void run_release(struct run *run)
{
	launch_folder_remove(&run->folder);
	program_release(&run->program);
}

/* --- before it ------------------------------------------------------------- */

/* The jemalloc to bring in; *ret is NULL when the program has its own. */
static struct hs_error *find_jemalloc(const struct run *run, char **ret)
{
	static const char name[] = "libjemalloc.so.2";
	struct hs_error *err;

	*ret = NULL;
	if (run->o->jemalloc)
		return library_check(run->o->jemalloc, ret);
	if (run->program.jemalloc)
		return NULL;
	err = library_find(name, ret);
	if (err || *ret)
		return err;
	return hs_error_hint(
		hs_error_new(HS_ERROR_NOT_FOUND,
			     "'%s' is not linked with jemalloc, and there is "
			     "no %s to preload",
			     run->program.path, name),
		"install it (libjemalloc2 of Debian), or give --jemalloc FILE");
}

static struct hs_error *make_environment(const struct run *run, char ***ret)
{
	_cleanup_free_ char *jemalloc = NULL;
	struct hs_error *err = find_jemalloc(run, &jemalloc);
	const struct launch_settings settings = {
		.folder = run->folder.path,
		.preload = jemalloc,
		.variable = run->program.variable,
		.lg_sample = run->o->lg_sample,
		.accumulate = run->o->alloc,
	};

	return err ? err : launch_environment(environ, &settings, ret);
}

/* The words of the command; free(3). NULL: out of memory. */
static char **make_argv(const struct cli_options *o)
{
	char **argv = calloc(o->operands.n + 1, sizeof(*argv));

	if (argv)
		memcpy(argv, o->operands.items, o->operands.n * sizeof(*argv));
	return argv;
}

/* As a wrapper of tests: one that cannot be profiled, and why, is run all the
 * same. Takes @why; returns only when it cannot be executed. */
static struct hs_error *run_as_it_is(const struct cli_options *o,
				     struct hs_error *why)
{
	_cleanup_free_ char **argv = make_argv(o);
	const struct child_command command = {
		.path = o->operands.items[0],
		.argv = argv,
		.environment = environ,
		.defaults = *signals_begun(),
	};

	monitor_warn(&o->monitor,
		     hs_error_wrap(why, "what it leaves is not seen"));
	return argv ? child_become(&command) : hs_error_nomem();
}

static struct hs_error *start(struct run *run)
{
	struct child_command command = {
		.path = run->program.path,
		.defaults = *signals_begun(),
	};
	struct hs_error *err;
	char **environment;
	char **argv = make_argv(run->o);

	if (!argv)
		return hs_error_nomem();
	err = make_environment(run, &environment);
	if (!err) {
		command.argv = argv;
		command.environment = environment;
		err = child_start(&command, &run->child);
		launch_environment_free(environment);
	}
	free(argv);
	return err;
}

/* --- behind it ------------------------------------------------------------- */

static int64_t tick(void *arg)
{
	struct run *run = arg;
	int64_t looked = memory_watch_tick(&run->watch);
	int64_t taken = stand_in_tick(&run->stand_in);

	return looked < taken ? looked : taken;
}

/* How the command ended, and that it has no profile. */
static void say_missing(const struct run *run)
{
	const char *name = run->o->operands.items[0];
	const int pid = (int)run->child.pid, status = run->child.status;
	const bool failed = run->stand_in.failed;

	if (WIFSIGNALED(status))
		errors_note(run->o,
			    "no profile of '%s' (pid %d): it was ended by a "
			    "signal (%s), and then jemalloc writes none%s",
			    name, pid, strsignal(WTERMSIG(status)),
			    failed ? "" : "; --every TIME takes some before");
	else
		errors_note(run->o,
			    "no profile of '%s' (pid %d): it ended without "
			    "exit(3), or its jemalloc cannot profile%s",
			    name, pid,
			    failed ? "" : "; --every TIME takes some before");
	if (failed)
		errors_note(run->o, "no snapshot of it could be taken before: "
				    "'heapsnap check' of it says why");
}

/* The same of one of which there is a snapshot. */
static void say_stand_in(const struct run *run)
{
	const int status = run->child.status;

	errors_note(run->o,
		    "'%s' (pid %d) ended %s%s%s: instead of its last profile "
		    "its last snapshot is shown",
		    run->o->operands.items[0], (int)run->child.pid,
		    WIFSIGNALED(status) ? "by a signal (" : "without exit(3)",
		    WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "",
		    WIFSIGNALED(status) ? ")" : "");
}

/* Only the command's own dump, without --no-follow all. */
static struct hs_error *find_dumps(const struct run *run,
				   struct launch_dumps *dumps)
{
	const pid_t pid = run->child.pid;
	struct hs_error *err = launch_dumps_read(&run->folder, pid, dumps);

	if (err)
		return err;
	if (!dumps->n || dumps->items[0].pid != pid)
		say_missing(run);
	else if (dumps->items[0].kind != LAUNCH_LAST)
		say_stand_in(run);
	if (run->o->no_follow)
		launch_dumps_keep(dumps, pid);
	return NULL;
}

struct reporting {
	const struct run *run;
	const struct launch_dumps *dumps;
};

static int report_dumps(void *arg)
{
	const struct reporting *r = arg;

	return errors_end(left_report(r->dumps, r->run->child.pid, r->run->o));
}

/* In a process of its own, which has no rights any more. Sets *status. */
static struct hs_error *report(const struct run *run, int *status)
{
	struct launch_dumps dumps = { 0 };
	struct reporting reporting = { run, &dumps };
	struct hs_error *err = find_dumps(run, &dumps);

	*status = 0;
	if (!err && dumps.n)
		*status = child_apart(report_dumps, &reporting);
	if (*status < 0)
		err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				   "cannot start a process");
	else if (WIFSIGNALED(*status))
		err = hs_error_new(HS_ERROR_SYSTEM,
				   "the report was ended by a signal (%s)",
				   strsignal(WTERMSIG(*status)));
	*status = WEXITSTATUS(*status);
	launch_dumps_release(&dumps);
	return err;
}

static struct hs_error *run_command(struct run *run)
{
	struct hs_error *err = start(run);

	if (err)
		return err;
	run->stand_in = (struct stand_in){
		.folder = &run->folder,
		.pid = run->child.pid,
		.alone = run->o->no_follow,
		.every_us = run->o->every_us,
		.session = cli_session_options(run->o),
		.names = cli_names_options(run->o),
		.apart = child_apart,
	};
	run->watch = (struct memory_watch){
		.pid = run->child.pid,
		.monitor = run->o->monitor,
		.over = run->o->sample != NULL,
	};
	return child_wait(&run->child, tick, run);
}

/* What runs on will want to write its last dump. */
static void leave_folder(struct run *run, size_t running)
{
	if (!running || run->o->no_follow) {
		launch_folder_remove(&run->folder);
		return;
	}
	errors_note(
		run->o,
		"%zu process%s of '%s' run%s on, with last profiles to come "
		"in '%s'",
		running, running == 1 ? "" : "es", run->o->operands.items[0],
		running == 1 ? "s" : "", run->folder.path);
	free(take_ptr(run->folder.path));
}

struct hs_error *cmd_run(const struct cli_options *o)
{
	hs_cleanup(run_release) struct run run = { .o = o };
	struct hs_error *err = NULL;
	size_t running = 0;
	int status;

	if (o->output)
		err = sink_check(o->output);
	if (!err)
		err = program_find(o->operands.items[0], &run.program);
	if (err && o->wrap && hs_error_code(err) == HS_ERROR_UNPROFILED)
		return run_as_it_is(o, err);
	if (!err)
		err = launch_folder_make(&run.folder);
	if (!err)
		err = run_command(&run);
	if (err)
		return err;
	signals_catch();
	stand_in_finish(&run.stand_in, &running);
	err = report(&run, &status);
	leave_folder(&run, running);
	if (WIFSIGNALED(run.child.status)) {
		(void)errors_end(err);
		child_die_alike(&run.child);
	}
	/* The command's own status counts, unless it succeeded. */
	if (WEXITSTATUS(run.child.status))
		status = WEXITSTATUS(run.child.status);
	errors_exit_with(status);
	return err;
}
