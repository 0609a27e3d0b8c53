#include "launch/hook.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"

/* Ignored by us (cli/signals.c), which exec would keep so. */
static const int ignored[] = { SIGPIPE, SIGXFSZ };

static int set_signals(posix_spawnattr_t *attr)
{
	sigset_t usual;
	size_t i;
	int errnum;

	sigemptyset(&usual);
	for (i = 0; i < ARRAY_SIZE(ignored); i++)
		sigaddset(&usual, ignored[i]);
	errnum = posix_spawnattr_setsigdefault(attr, &usual);
	return errnum ? errnum
		      : posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF);
}

static int spawn(const char *command, const char *file, pid_t *ret)
{
	const char *const argv[] = {
		"sh", "-c", command, "heapsnap", file, NULL
	};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int errnum;

	errnum = posix_spawnattr_init(&attr);
	if (errnum)
		return errnum;
	errnum = posix_spawn_file_actions_init(&files);
	if (!errnum) {
		errnum = posix_spawn_file_actions_adddup2(&files, STDERR_FILENO,
							  STDOUT_FILENO);
		if (!errnum)
			errnum = set_signals(&attr);
		if (!errnum)
			errnum = posix_spawn(ret, "/bin/sh", &files, &attr,
					     (char *const *)argv, environ);
		posix_spawn_file_actions_destroy(&files);
	}
	posix_spawnattr_destroy(&attr);
	return errnum;
}

static struct hs_error *check_status(int status)
{
	if (WIFSIGNALED(status))
		return hs_error_new(HS_ERROR_SYSTEM,
				    "the command of --exec was ended by a "
				    "signal: %s",
				    strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status))
		return hs_error_new(HS_ERROR_SYSTEM,
				    "the command of --exec ended with status "
				    "%d",
				    WEXITSTATUS(status));
	return NULL;
}

struct hs_error *hook_run(const char *command, const char *file, pid_t pid)
{
	char number[16];
	int errnum, status;
	pid_t child, ended;

	snprintf(number, sizeof(number), "%d", (int)pid);
	if (setenv("HEAPSNAP_FILE", file, 1) ||
	    setenv("HEAPSNAP_PID", number, 1))
		return hs_error_nomem();
	errnum = spawn(command, file, &child);
	if (errnum)
		return hs_error_sys(HS_ERROR_SYSTEM, errnum,
				    "cannot run the command of --exec");
	do
		ended = waitpid(child, &status, 0);
	while (ended < 0 && errno == EINTR);
	if (ended < 0)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot wait for the command of --exec");
	return check_status(status);
}
