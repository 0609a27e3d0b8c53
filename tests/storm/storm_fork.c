/*
 * fork: children by fork() and execve(), by posix_spawn() and by fork() alone,
 * which allocates in the child; each is waited for. While a thread is in fork()
 * it holds all locks of the allocator. Every other thread allocates meanwhile.
 *
 *	report	"children started=N inherited=N": those that found a descriptor
 *		which was not meant for them
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/linux.h"
#include "tests/storm/storm.h"
#include "tests/victims/victim.h"

enum { INHERITED = 10, NO_EXEC = 127, CHILD_LIFE_S = 20, WAYS = 3, BURST = 20 };

extern char **environ;

static uint64_t started, inherited;
static char program[4096];

/* It stands next to this one. Descriptors that this one was born with are not
 * for children. */
static void begin_fork(void)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 16);

	if (n > 0)
		snprintf(program + n, 16, "-child");
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
}

static pid_t start_child(struct worker *w)
{
	char *args[] = { program, NULL };
	pid_t pid = -1;
	int rc = 0;

	switch (storm_random(w) % WAYS) {
	case 0:
		rc = posix_spawn(&pid, program, NULL, NULL, args, environ);
		errno = rc;
		return rc ? -1 : pid;
	case 1:
		pid = fork();
		if (!pid) {
			execve(program, args, environ);
			_exit(NO_EXEC);
		}
		return pid;
	default:
		pid = fork();
		if (!pid) {
			alarm(CHILD_LIFE_S); /* should it hang */
			storm_allocate(w, BURST);
			_exit(0);
		}
		return pid;
	}
}

static void await(pid_t pid)
{
	int status = -1;
	pid_t got;

	while ((got = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		victim_interrupted();
	if (got != pid)
		victim_harmed("waitpid: %s", strerror(errno));
	else if (WIFEXITED(status) && WEXITSTATUS(status) == INHERITED)
		storm_add(&inherited);
	else if (status)
		victim_harmed("a child ended with status 0x%x",
			      (unsigned)status);
}

static void turn_fork(struct worker *w)
{
	pid_t pid;

	if (w->number % 2) {
		storm_allocate(w, BURST);
		return;
	}
	pid = start_child(w);
	if (pid < 0) {
		victim_harmed("no child: %s", strerror(errno));
		return;
	}
	storm_add(&started);
	await(pid);
}

static void report_fork(void)
{
	victim_say("children started=%llu inherited=%llu",
		   (unsigned long long)storm_load(&started),
		   (unsigned long long)storm_load(&inherited));
}

const struct load load_fork = {
	.name = "fork",
	.workers = 4,
	.begin = begin_fork,
	.turn = turn_fork,
	.report = report_fork,
};
