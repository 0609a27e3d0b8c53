#include "launch/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/deadline.h"

/* What is taken while the command runs. The terminal's stop signals are among
 * them: whether they stop anything is for the command to say. */
static const int watched[] = { SIGCHLD, SIGHUP,	 SIGINT,  SIGQUIT,
			       SIGTERM, SIGUSR1, SIGUSR2, SIGALRM,
			       SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU };

static void reset_signals(const struct child_command *command)
{
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		if (sigismember(&command->defaults, sig) == 1)
			signal(sig, SIG_DFL);
}

/* Behind the fork: all as the command would have it without us. */
static _Noreturn void execute(const struct child *c,
			      const struct child_command *command, int report)
{
	int error;

	reset_signals(command);
	sigaction(SIGCHLD, &c->old_chld, NULL);
	sigprocmask(SIG_SETMASK, &c->old_mask, NULL);
	execvpe(command->path, command->argv, command->environment);
	error = errno;
	while (write(report, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* What execve(2) failed with; 0: it did not, which closed the pipe. */
static int read_failure(int fd)
{
	int error = 0;

	while (read(fd, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	return error;
}

static void take_signals(struct child *c)
{
	/* Ignored, it would take the command's exit status away. */
	const struct sigaction plain = { .sa_handler = SIG_DFL };
	size_t i;

	sigemptyset(&c->watched);
	for (i = 0; i < ARRAY_SIZE(watched); i++)
		sigaddset(&c->watched, watched[i]);
	sigaction(SIGCHLD, &plain, &c->old_chld);
	sigprocmask(SIG_BLOCK, &c->watched, &c->old_mask);
}

/* What is still to come was for the command, which has ended. */
static void leave_signals(struct child *c)
{
	const struct timespec now = { 0 };

	while (sigtimedwait(&c->watched, NULL, &now) > 0)
		;
	sigprocmask(SIG_SETMASK, &c->old_mask, NULL);
	sigaction(SIGCHLD, &c->old_chld, NULL);
}

struct hs_error *child_start(const struct child_command *command,
			     struct child *ret)
{
	_cleanup_close_ int report = -1;
	struct child c = { 0 };
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC))
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot make a pipe");
	report = ends[0];
	take_signals(&c);
	c.pid = fork();
	error = errno;
	if (c.pid == 0)
		execute(&c, command, ends[1]);
	close(ends[1]);
	if (c.pid < 0) {
		leave_signals(&c);
		return hs_error_sys(HS_ERROR_SYSTEM, error,
				    "cannot start a process");
	}
	error = read_failure(report);
	if (error) {
		while (waitpid(c.pid, NULL, 0) < 0 && errno == EINTR)
			;
		leave_signals(&c);
		return hs_error_sys(HS_ERROR_NOT_FOUND, error,
				    "cannot run '%s'", command->path);
	}
	*ret = c;
	return NULL;
}

struct hs_error *child_become(const struct child_command *command)
{
	reset_signals(command);
	execvpe(command->path, command->argv, command->environment);
	return hs_error_sys(HS_ERROR_NOT_FOUND, errno, "cannot run '%s'",
			    command->path);
}

/* Passes on what a process sent to us; what the terminal sends has gone to the
 * whole process group. Of a signal to the whole group the command gets two, of
 * which one is lost when the other is still to be delivered. */
static void pass_on(const struct child *c, const siginfo_t *info)
{
	if (info->si_signo != SIGCHLD && info->si_code <= 0 &&
	    info->si_pid != c->pid)
		kill(c->pid, info->si_signo);
}

/* Takes what has become of the command; true: it has ended. */
static bool take_state(struct child *c, struct hs_error **err)
{
	pid_t got;

	do
		got = waitpid(c->pid, &c->status, WNOHANG | WUNTRACED);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		*err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot wait for process %d", (int)c->pid);
	if (got <= 0)
		return got < 0;
	if (!WIFSTOPPED(c->status))
		return true;
	/* The shell sees only us. SIGSTOP stops also where the others would
	 * not, in a process group without a shell. */
	raise(SIGSTOP);
	return false;
}

struct hs_error *child_wait(struct child *c, child_tick *tick, void *arg)
{
	int64_t next = clock_us();
	struct hs_error *err = NULL;
	siginfo_t info;

	while (!take_state(c, &err)) {
		int64_t left = next - clock_us();
		struct timespec ts = { 0 };

		if (left <= 0) {
			next = clock_us() + tick(arg);
			continue;
		}
		ts.tv_sec = left / 1000000;
		ts.tv_nsec = left % 1000000 * 1000;
		if (sigtimedwait(&c->watched, &info, &ts) > 0)
			pass_on(c, &info);
	}
	leave_signals(c);
	return err;
}

int child_apart(int (*fn)(void *arg), void *arg)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn(arg));
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

_Noreturn void child_die_alike(const struct child *c)
{
	const struct rlimit none = { 0 };
	const int sig = WTERMSIG(c->status);
	sigset_t set;

	/* The command's core dump, if there is one, is the one that matters. */
	setrlimit(RLIMIT_CORE, &none);
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
	_exit(128 + sig);
}
