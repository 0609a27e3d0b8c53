/**
 * @file echo_child.h - a live child in known frames: it waits in read(), called
 *by echo(), called by start_child(), and answers each byte with the next one.
 *
 *	pid_t pid = start_child();
 *	stop_child(&tracer, &t, pid);
 *	... tracee_detach(&t) ... tracer_end(&tracer)
 *	end_child(pid);		it still answers, and ends well
 */
#ifndef TESTS_UNIT_ECHO_CHILD_H
#define TESTS_UNIT_ECHO_CHILD_H

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/tracee.h"
#include "base/deadline.h"
#include "proc/task.h"
#include "tests/unit/hs_check.h"

static int to_child[2], from_child[2];

/* Reads a byte, answers with the next one; keeps a value on its stack. */
__attribute__((noinline)) static void echo(void)
{
	volatile uint64_t kept = 0x1122334455667788;
	char c;

	while (read(to_child[0], &c, 1) == 1) {
		c++;
		if (kept != 0x1122334455667788 ||
		    write(from_child[1], &c, 1) != 1)
			_exit(3);
	}
}

/* One that calls @serve instead, with the same pipes. */
static pid_t start_child_of(void (*serve)(void))
{
	pid_t pid;

	ck_assert_int_eq(pipe(to_child), 0);
	ck_assert_int_eq(pipe(from_child), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(to_child[1]);
		serve();
		_exit(0);
	}
	close(to_child[0]);
	return pid;
}

static pid_t start_child(void)
{
	return start_child_of(echo);
}

static void ask(void)
{
	char c = 'a';

	ck_assert_int_eq(write(to_child[1], &c, 1), 1);
	ck_assert_int_eq(read(from_child[0], &c, 1), 1);
	ck_assert_int_eq(c, 'b');
}

static void end_child(pid_t pid)
{
	int status;

	ask();
	close(to_child[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* Until it waits in read(): a stop before that is another case. */
static void await_read(pid_t pid)
{
	struct task_syscall where = { 0 };

	do {
		hs_ck_ok(task_syscall_read(pid, pid, &where));
	} while (where.activity != TASK_IN_SYSCALL || where.number != SYS_read);
}

static void stop_child(struct tracer *tracer, struct tracee *t, pid_t pid)
{
	struct deadline d = deadline_in(2000000, NULL);

	ask();
	await_read(pid);
	hs_ck_ok(tracer_begin(tracer));
	hs_ck_ok(tracee_seize(t, pid, pid));
	hs_ck_ok(tracee_interrupt(t, &d));
	ck_assert_int_eq(t->state, TRACEE_STOPPED);
	ck_assert_int_eq(t->stop, STOP_INTERRUPT);
}

#endif
