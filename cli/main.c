#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/sigbus.h"
#include "base/strbuf.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/print.h"
#include "cli/processes.h"
#include "cli/signals.h"
#include "cli/version.h"
#include "options/command_line.h"
#include "options/help.h"
#include "report/folds.h"
#include "report/pager.h"
#include "report/report.h"

/* What is printed without a command being run. */
static struct hs_error *print_action(const struct cli_options *o)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	if (o->action == CLI_VERSION)
		version_add(&sb, o->verbose);
	else if (o->action == CLI_OVERVIEW)
		help_add_overview(&sb);
	else
		help_add(&sb, o->command);
	err = strbuf_check(&sb);
	return err ? err : cli_print(strbuf_str(&sb));
}

static struct hs_error *run_command(struct cli_options *o)
{
	struct hs_error *err;
	struct pager pager;

	pager_start(&pager, o, stdout);
	o->pager = &pager;
	err = command_run(o);
	pager_finish(&pager);
	return err;
}

static struct hs_error *run(struct cli_options *o)
{
	struct hs_error *err;

	if (o->action != CLI_RUN)
		return print_action(o);
	errors_begin(o);
	o->monitor = errors_monitor(o);
	err = cli_report_check(o);
	if (!err)
		err = folds_finish(o);
	if (!err)
		err = processes_find(o);
	return err ? err : run_command(o);
}

/*
 * A standard descriptor that we were started without would be given to the
 * next file that is opened, and what is meant for the user would go there: into
 * a snapshot, or another process's memory. Opened the wrong way round, so that
 * using it is an error as before (EBADF). A program that we start has none.
 */
static void fill_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null",
				   (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) |
					   O_CLOEXEC);
	}
}

/*
 * Names are looked up by several threads. An arena that glibc makes for a
 * thread grows by no more than is asked for (malloc/arena.c, grow_heap()), that
 * is by thousands of mprotect(2), and while each of them changes the map no
 * thread gets a new page. The one arena that can grow in large steps is the
 * first.
 */
static void use_one_arena(void)
{
	enum { STEP = 1 << 20 };

	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TOP_PAD, STEP);
}

int main(int argc, char **argv)
{
	struct cli_options o;
	struct hs_error *err;
	int status;

	use_one_arena();
	fill_descriptors();
	signals_begin();
	sigbus_survive();
	/* Only for the character set: numbers look the same everywhere. */
	setlocale(LC_CTYPE, "");
	err = cli_options_parse(argc, argv, &o);
	if (!err)
		err = run(&o);
	status = errors_end(err);
	cli_options_release(&o);
	return status;
}
