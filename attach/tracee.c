#include "attach/tracee.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attach/ptrace_access.h"
#include "attach/request.h"
#include "base/sched_boost.h"
#include "proc/proc_path.h"
#include "proc/status.h"

struct hs_error *tracer_begin(struct tracer *tracer)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t mask;

	/* With SIGCHLD ignored (inherited through exec) the kernel sends none
	 * for stops and discards exit states (wait(2), NOTES). */
	if (sigaction(SIGCHLD, &action, &tracer->old_action))
		return hs_error_sys(HS_ERROR_SYSTEM, errno, "sigaction");
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	/* Stopped by Ctrl-Z we would leave the target's thread stopped too,
	 * with the locks that it holds. (SIGSTOP cannot be blocked.) */
	sigaddset(&mask, SIGTSTP);
	sigaddset(&mask, SIGTTIN);
	sigaddset(&mask, SIGTTOU);
	if (sigprocmask(SIG_BLOCK, &mask, &tracer->old_mask))
		return hs_error_sys(HS_ERROR_SYSTEM, errno, "sigprocmask");
	return NULL;
}

void tracer_end(struct tracer *tracer)
{
	sigprocmask(SIG_SETMASK, &tracer->old_mask, NULL);
	sigaction(SIGCHLD, &tracer->old_action, NULL);
}

struct hs_error *tracee_gone_error(const struct tracee *t)
{
	return hs_error_new(HS_ERROR_GONE, "thread %d of process %d ended",
			    (int)t->tid, (int)t->pid);
}

/* We already trace it: it was killed under us, and nobody has waited for it. */
static bool is_ours(const struct tracee *t)
{
	struct hs_error *err;
	struct status st;

	err = status_read_thread(t->pid, t->tid, &st);
	if (!err)
		return st.tracer == getpid();
	hs_error_free(err);
	return false;
}

/* Its number may be that of a thread of another process by now. */
static bool belongs(const struct tracee *t)
{
	const struct proc_path path = proc_task_path(t->pid, t->tid, "status");

	return !access(path.text, F_OK);
}

/* True when the thread is gone, or a zombie. */
static bool tracee_is_dead(const struct tracee *t)
{
	struct hs_error *err;
	struct status st;
	bool gone;

	err = status_read_thread(t->pid, t->tid, &st);
	if (!err)
		return st.state == 'Z' || st.state == 'X';
	gone = hs_error_code(err) == HS_ERROR_GONE;
	hs_error_free(err);
	return gone;
}

struct hs_error *tracee_seize(struct tracee *t, pid_t pid, pid_t tid)
{
	struct hs_error *err = request(PTRACE_SEIZE, tid, 0, TRACEE_OPTIONS);

	*t = (struct tracee){ .pid = pid, .tid = tid, .state = TRACEE_FREE };
	/* EPERM is also the answer for a thread that has just ended
	 * (kernel/ptrace.c, ptrace_attach(): exit_state); in execve(2) another
	 * one has its number a moment later, and is asked in its place. */
	if (err && (is_ours(t) || tracee_is_dead(t)))
		return hs_error_recode(err, HS_ERROR_GONE);
	if (err) {
		hs_error_free(err);
		err = request(PTRACE_SEIZE, tid, 0, TRACEE_OPTIONS);
	}
	if (err)
		return ptrace_access_explain(err, pid);
	t->state = TRACEE_RUNNING;
	if (belongs(t))
		return NULL;
	err = tracee_detach(t);
	hs_error_free(err);
	return tracee_gone_error(t);
}

void tracee_adopt(struct tracee *t, pid_t pid, pid_t tid)
{
	*t = (struct tracee){ .pid = pid, .tid = tid, .state = TRACEE_RUNNING };
}

static enum tracee_stop classify_stop(int status, int *signal)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	*signal = 0;
	if (event == PTRACE_EVENT_STOP)
		return sig == SIGTRAP ? STOP_INTERRUPT : STOP_GROUP;
	if (event == PTRACE_EVENT_CLONE)
		return STOP_CLONE;
	if (event == PTRACE_EVENT_EXEC)
		return STOP_EXEC;
	if (event)
		return STOP_OTHER;
	if (sig == (SIGTRAP | 0x80)) /* PTRACE_O_TRACESYSGOOD */
		return STOP_SYSCALL;
	*signal = sig;
	return STOP_SIGNAL;
}

/* A thread that calls execve(2) itself gets the number of the main thread, and
 * waits there for its tracer. */
static void release_program(const struct tracee *t)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	enum { TRIES = 200 };
	struct hs_error *err;
	int i, status;
	pid_t got = 0;

	for (i = 0; i < TRIES && !got; i++) {
		got = waitpid(t->pid, &status, __WALL | WNOHANG);
		if (!got)
			nanosleep(&pause, NULL);
	}
	if (got != t->pid || !WIFSTOPPED(status))
		return;
	err = request(PTRACE_DETACH, t->pid, 0, 0);
	hs_error_free(err);
}

/* True when the thread's state has changed, or *err is set. */
static bool tracee_poll(struct tracee *t, struct hs_error **err)
{
	int status;
	pid_t got = waitpid(t->tid, &status, __WALL | WNOHANG);

	if (!got || (got < 0 && errno == EINTR))
		return false;
	if (got < 0 && errno != ECHILD) {
		*err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot wait for thread %d", (int)t->tid);
		return true;
	}
	/* ECHILD: another thread called execve(2), which ends this one without
	 * a report to anyone but the leader's tracer (ptrace(2)). */
	if (got < 0 || WIFEXITED(status) || WIFSIGNALED(status)) {
		t->state = TRACEE_GONE;
		if (got < 0 && t->tid != t->pid)
			release_program(t);
		return true;
	}
	t->state = TRACEE_STOPPED;
	t->stop = classify_stop(status, &t->signal);
	return true;
}

enum {
	/* Stops mostly come within microseconds: to sleep for them would make
	 * the pause of the target longer by our own wake-up. */
	WAIT_SPIN_US = 200,
	/* A signal to us between the check and the sleep is seen after this */
	WAIT_SLICE_US = 20000,
};

struct hs_error *tracee_wait(struct tracee *t, const struct deadline *d)
{
	int64_t spin_until =
		clock_us() + (sched_boost_may_spin() ? WAIT_SPIN_US : 0);
	struct hs_error *err = NULL;
	sigset_t sigchld;

	sigemptyset(&sigchld);
	sigaddset(&sigchld, SIGCHLD);
	while (!tracee_poll(t, &err)) {
		struct timespec ts = { 0 };
		int64_t slice;

		if (clock_us() < spin_until)
			continue;
		err = deadline_check(d);
		if (err)
			return err;
		slice = deadline_left(d);
		if (slice > WAIT_SLICE_US)
			slice = WAIT_SLICE_US;
		ts.tv_nsec = slice * 1000;
		if (sigtimedwait(&sigchld, NULL, &ts) < 0 &&
		    tracee_is_dead(t)) {
			/* The first thread of a process that was killed: its
			 * end is not reported while another thread is left that
			 * somebody has to wait for, and that may be our helper
			 * thread (kernel/exit.c, wait_consider_task():
			 * delay_group_leader()). Or it has died just now:
			 * unless we wait for it, it stays in the process, with
			 * us as its tracer, for as long as we live. */
			if (!tracee_poll(t, &err))
				t->state = TRACEE_GONE;
			break;
		}
	}
	return err;
}

struct hs_error *tracee_interrupt(struct tracee *t, const struct deadline *d)
{
	struct hs_error *err = request(PTRACE_INTERRUPT, t->tid, 0, 0);

	if (err)
		return err;
	return tracee_wait(t, d);
}

struct hs_error *tracee_resume(struct tracee *t, bool syscalls)
{
	struct hs_error *err = request(syscalls ? PTRACE_SYSCALL : PTRACE_CONT,
				       t->tid, 0, (uintptr_t)t->signal);

	if (err)
		return err;
	t->state = TRACEE_RUNNING;
	t->signal = 0;
	return NULL;
}

struct hs_error *tracee_detach_within(struct tracee *t, int64_t us)
{
	struct deadline d = deadline_in(us, NULL);
	struct hs_error *err = NULL;

	if (t->state == TRACEE_RUNNING)
		err = tracee_interrupt(t, &d);
	if (err)
		return hs_error_wrap(err, "cannot detach from thread %d",
				     (int)t->tid);
	if (t->state != TRACEE_STOPPED)
		return NULL;
	/* Else it would stay stopped for as long as we live. */
	err = request_twice(PTRACE_DETACH, t->tid, 0, (uintptr_t)t->signal);
	/* ESRCH: it was killed while it was stopped. Its tracer has to wait for
	 * it, or another thread's execve(2) waits for that (fs/exec.c,
	 * de_thread()). */
	if (err && hs_error_code(err) == HS_ERROR_GONE) {
		hs_error_free(err);
		err = tracee_wait(t, &d);
	}
	t->state = TRACEE_FREE;
	return err;
}

struct hs_error *tracee_detach(struct tracee *t)
{
	enum { DETACH_WAIT_US = 1000000 };

	return tracee_detach_within(t, DETACH_WAIT_US);
}
