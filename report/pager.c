#include "report/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "output/terminal.h"

/* Exit status of a shell that cannot run a command. (sh(1p)) */
enum { NOT_EXECUTABLE = 126, NO_PAGER = 127 };

static const char *pager_command(void)
{
	const char *command = getenv("PAGER");

	return command ? command : "less";
}

static bool is_wanted(const struct cli_options *o)
{
	const char *term = getenv("TERM"), *command = pager_command();

	/* With --activate the process has not been let go yet. */
	return o->command != CLI_RUN_COMMAND && !o->no_pager && !o->output &&
	       !o->activate &&
	       (o->format == FORMAT_TEXT || o->format == FORMAT_TREE) &&
	       terminal_height(STDOUT_FILENO) && term && *term &&
	       strcmp(term, "dumb") != 0 && *command &&
	       strcmp(command, "cat") != 0;
}

/* Copies @from to @to and returns the number of lines; SIZE_MAX: it failed. */
static size_t copy(int from, int to)
{
	char buf[65536];
	size_t lines = 0;
	ssize_t n, i;

	while ((n = read(from, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || io_write(to, buf, (size_t)n))
			return SIZE_MAX;
		for (i = 0; i < n; i++)
			lines += buf[i] == '\n';
	}
	return lines;
}

static _Noreturn void exec_pager(int text)
{
	const char *const argv[] = { "sh", "-c", pager_command(), NULL };

	if (dup2(text, STDIN_FILENO) < 0)
		_exit(NO_PAGER);
	/* Quit when it fits, show colours, leave the text on the screen. */
	(void)setenv("LESS", "FRX", 0);
	(void)setenv("LV", "-c", 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	execv("/bin/sh", (char *const *)argv);
	_exit(NO_PAGER);
}

/* False: there is no such pager, as in many containers. */
static bool show(int text)
{
	int status = NO_PAGER << 8;
	pid_t pid = fork();

	if (pid == 0)
		exec_pager(text);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return !WIFEXITED(status) || (WEXITSTATUS(status) != NO_PAGER &&
				      WEXITSTATUS(status) != NOT_EXECUTABLE);
}

/* What is behind the pipe. Without a pager all goes to the terminal. */
static _Noreturn void run_pager(int pipe_fd)
{
	const size_t height = terminal_height(STDOUT_FILENO);
	int text = memfd_create("report", MFD_CLOEXEC);
	size_t lines;

	/* Ctrl-C stops what makes the report; then this one reads its end. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	lines = copy(pipe_fd, text < 0 ? STDOUT_FILENO : text);
	if (text >= 0 && lseek(text, 0, SEEK_SET) == 0 &&
	    (lines == SIZE_MAX || lines < height || !show(text)) &&
	    lseek(text, 0, SEEK_SET) == 0)
		(void)copy(text, STDOUT_FILENO);
	_exit(0);
}

void pager_start(struct pager *pager, const struct cli_options *o,
		 FILE *standard)
{
	int ends[2];

	*pager = (struct pager){ .standard = standard, .pid = -1 };
	if (!is_wanted(o) || pipe2(ends, O_CLOEXEC))
		return;
	pager->pid = fork();
	if (pager->pid == 0) {
		close(ends[1]);
		run_pager(ends[0]);
	}
	close(ends[0]);
	if (pager->pid > 0)
		pager->f = fdopen(ends[1], "w");
	if (!pager->f)
		close(ends[1]);
}

void pager_finish(struct pager *pager)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction interrupt, quit;

	if (pager->f)
		(void)fclose(pager->f);
	pager->f = NULL;
	if (pager->pid <= 0)
		return;
	/* They are meant for the pager now. */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	while (waitpid(pager->pid, NULL, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	pager->pid = -1;
}
