/**
 * @file tracee.h - one traced thread as a state machine.
 *
 *            seize            interrupt, wait
 *   FREE  ----------> RUNNING ---------------> STOPPED
 *     ^                  ^                        |
 *     |                  +------ resume ----------+
 *     +------------------------- detach ----------+
 *
 * PTRACE_SEIZE, never PTRACE_ATTACH: no SIGSTOP is sent, nothing is visible to
 * the target. When the tracer dies in any state the kernel detaches the thread
 * and lets it run with the registers it has (kernel/ptrace.c, exit_ptrace());
 * PTRACE_O_EXITKILL is never set.
 */
#ifndef ATTACH_TRACEE_H
#define ATTACH_TRACEE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/types.h>

#include "base/deadline.h"
#include "base/error.h"

/** Prepares this process to wait for tracees: SIGCHLD is blocked, since waits
 *  take it by sigtimedwait(2), and not ignored; Ctrl-Z has to wait. */
struct tracer {
	sigset_t old_mask;
	struct sigaction old_action;
};

struct hs_error *tracer_begin(struct tracer *tracer) hs_must_check;
void tracer_end(struct tracer *tracer);

enum tracee_state {
	TRACEE_FREE,	/* not traced by us */
	TRACEE_RUNNING, /* traced, running or about to stop */
	TRACEE_STOPPED, /* in a ptrace-stop: it waits for us */
	TRACEE_GONE,	/* ended */
};

enum tracee_stop {
	STOP_INTERRUPT, /* PTRACE_EVENT_STOP: our interrupt, or a new thread */
	STOP_GROUP,	/* group-stop: the process is stopped by a signal */
	STOP_SIGNAL,	/* a signal is about to be delivered */
	STOP_SYSCALL,	/* entry or exit of a system call */
	STOP_CLONE,	/* it made a thread */
	STOP_EXEC,	/* it is another program now, by execve(2) */
	STOP_OTHER,
};

struct tracee {
	pid_t pid; /* process */
	pid_t tid; /* thread */
	enum tracee_state state;
	enum tracee_stop stop; /* the last one, when STOPPED */
	int signal;	       /* delivered when it goes on; 0: none */
};

/** The options of a thread that is traced: PTRACE_SETOPTIONS replaces them. A
 *  thread that calls execve(2) itself must not be touched any more: the new
 *  program may have rights that it did not have. */
enum { TRACEE_OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC };

/** Starts tracing thread @tid of process @pid; it goes on running. Explains a
 *  denial (attach/ptrace_access.h). HS_ERROR_GONE also when the number is that
 *  of a thread of another process by now. */
struct hs_error *tracee_seize(struct tracee *t, pid_t pid,
			      pid_t tid) hs_must_check;

/** Takes a thread that is traced through PTRACE_O_TRACECLONE of another tracee;
 *  it will stop with STOP_INTERRUPT before its first instruction. */
void tracee_adopt(struct tracee *t, pid_t pid, pid_t tid);

/**
 * Stops it: PTRACE_INTERRUPT, then waits for STOP_INTERRUPT. A thread that
 * turns out to be in a group-stop or to take a signal at this moment stays
 * stopped, with that in t->stop: no error.
 */
struct hs_error *tracee_interrupt(struct tracee *t,
				  const struct deadline *d) hs_must_check;

/** Waits for the next stop or end; t->state and t->stop say which. Errors:
 *  time-out, interruption. */
struct hs_error *tracee_wait(struct tracee *t,
			     const struct deadline *d) hs_must_check;

/** Lets it run on, with its pending signal delivered. @syscalls: stop at the
 *  next entry or exit of a system call. */
struct hs_error *tracee_resume(struct tracee *t, bool syscalls) hs_must_check;

/** Detaches it, with its pending signal delivered. Stops a running one first
 *  (at most a second; if it does not stop, the kernel detaches it when we exit:
 *  HS_ERROR_TIMEOUT). FREE and GONE are fine. */
struct hs_error *tracee_detach(struct tracee *t) hs_must_check;

/** The same in at most @us microseconds. After HS_ERROR_TIMEOUT it is still
 *  traced, and will stop as soon as it gets a CPU: try again. */
struct hs_error *tracee_detach_within(struct tracee *t,
				      int64_t us) hs_must_check;

/** HS_ERROR_GONE "thread N ended". */
struct hs_error *tracee_gone_error(const struct tracee *t) hs_must_check;

#endif
