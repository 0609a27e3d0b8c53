#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/signals.h"
#include "launch/child.h"
#include "launch/environment.h"
#include "launch/folder.h"
#include "launch/library.h"
#include "launch/program.h"
#include "output/sink.h"
#include "report/left.h"

/* One run of the command. */
struct run {
	const struct cli_options *o;
	struct program program;
	struct launch_folder folder;
	struct child child;
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

static struct hs_error *start(struct run *run)
{
	const struct text_list *words = &run->o->operands;
	struct child_command command = {
		.path = run->program.path,
		.defaults = *signals_begun(),
	};
	struct hs_error *err;
	char **environment;
	char **argv = calloc(words->n + 1, sizeof(*argv));

	if (!argv)
		return hs_error_nomem();
	memcpy(argv, words->items, words->n * sizeof(*argv));
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
	enum { HOUR_US = 3600 * 1000 };

	(void)arg;
	return HOUR_US * (int64_t)1000;
}

/* Why the command has left no profile. */
static void say_missing(const struct run *run)
{
	const char *name = run->o->operands.items[0];
	const int pid = (int)run->child.pid, status = run->child.status;

	if (WIFSIGNALED(status))
		errors_note(run->o,
			    "no profile of '%s' (pid %d): it was ended by a "
			    "signal (%s), and then jemalloc writes none",
			    name, pid, strsignal(WTERMSIG(status)));
	else
		errors_note(run->o,
			    "no profile of '%s' (pid %d): it ended without "
			    "exit(3), or its jemalloc cannot profile",
			    name, pid);
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
	if (run->o->no_follow)
		launch_dumps_keep(dumps, pid);
	return NULL;
}

/* In a process of its own, which has no rights any more. Sets *status. */
static struct hs_error *report(const struct run *run, int *status)
{
	struct launch_dumps dumps = { 0 };
	struct hs_error *err = find_dumps(run, &dumps);
	pid_t pid = -1;

	*status = 0;
	if (!err && dumps.n) {
		pid = fork();
		if (pid < 0)
			err = hs_error_sys(HS_ERROR_SYSTEM, errno,
					   "cannot start a process");
	}
	if (pid == 0)
		_exit(errors_end(left_report(&dumps, run->o)));
	launch_dumps_release(&dumps);
	while (pid > 0 && waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFSIGNALED(*status))
		err = hs_error_new(HS_ERROR_SYSTEM,
				   "the report was ended by a signal (%s)",
				   strsignal(WTERMSIG(*status)));
	*status = WEXITSTATUS(*status);
	return err;
}

struct hs_error *cmd_run(const struct cli_options *o)
{
	hs_cleanup(run_release) struct run run = { .o = o };
	struct hs_error *err = NULL;
	int status;

	if (o->output)
		err = sink_check(o->output);
	if (!err)
		err = program_find(o->operands.items[0], &run.program);
	if (!err)
		err = launch_folder_make(&run.folder);
	if (!err)
		err = start(&run);
	if (!err)
		err = child_wait(&run.child, tick, NULL);
	if (err)
		return err;
	signals_catch();
	err = report(&run, &status);
	launch_folder_remove(&run.folder);
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
