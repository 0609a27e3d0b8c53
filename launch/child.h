/**
 * @file child.h - a command that runs in our place: with our descriptors,
 * terminal, process group and environment, as under env(1) or time(1).
 *
 * The command has the terminal together with us: what is typed there, Ctrl-C
 * and Ctrl-Z among it, goes to both, and only the command decides what it
 * means. Signals that somebody sends to us are passed on. When it stops, so do
 * we, so that the shell sees the job stopped; when we are continued, so is it.
 */
#ifndef LAUNCH_CHILD_H
#define LAUNCH_CHILD_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/** What to run. All is borrowed. */
struct child_command {
	const char *path;
	char *const *argv;
	char *const *environment;
	sigset_t defaults; /* signals that we ignore and the command does not */
};

struct child {
	pid_t pid;
	int status;	  /* as of waitpid(2), once child_wait() is over */
	sigset_t watched; /* taken by sigtimedwait(2) while it runs */
	sigset_t old_mask;
	struct sigaction old_chld;
};

/** Starts it. HS_ERROR_NOT_FOUND with errno when it cannot be executed. On
 *  success child_wait() has to follow. */
struct hs_error *child_start(const struct child_command *command,
			     struct child *ret) hs_must_check;

/** Becomes it, in our process; returns only when it cannot be executed,
 *  HS_ERROR_NOT_FOUND with errno. */
struct hs_error *
child_become(const struct child_command *command) hs_must_check;

/** Called while it runs; returns in how many microseconds again. */
typedef int64_t child_tick(void *arg);

/** Waits until it has ended, and then takes no more of our signals. @tick is
 *  called at once. */
struct hs_error *child_wait(struct child *c, child_tick *tick,
			    void *arg) hs_must_check;

/** Runs @fn in a process of its own. Returns its status as of waitpid(2), that
 * of _exit(@fn(@arg)); -1 with errno: there could be none. */
int child_apart(int (*fn)(void *arg), void *arg);

/** Ends us as the command ended, by a signal. Does not return. */
_Noreturn void child_die_alike(const struct child *c);

#endif
