/*
 * A live child in known frames. Proves: its stack is found and copied, the scan
 * finds the functions that it is inside of and no others, the unwinder reaches
 * the root by real unwind information, calls run in it and it continues as if
 * nothing had happened.
 */
#include "attach/remote.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/stack.h"
#include "proc/task.h"
#include "target/gadget.h"
#include "target/scan.h"
#include "target/unwind.h"
#include "tests/unit/hs_check.h"

static int to_child[2], from_child[2];

/* Reads a byte, answers with the next one; keeps a value on its stack. */
__attribute__((noinline)) static void echo(void)
{
	volatile uint64_t canary = 0x1122334455667788;
	char c;

	while (read(to_child[0], &c, 1) == 1) {
		c++;
		if (canary != 0x1122334455667788 ||
		    write(from_child[1], &c, 1) != 1)
			_exit(3);
	}
}

__attribute__((noinline)) static void elsewhere(void)
{
	(void)!write(from_child[1], "!", 1);
}

static pid_t start_child(void)
{
	pid_t pid;

	ck_assert_int_eq(pipe(to_child), 0);
	ck_assert_int_eq(pipe(from_child), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(to_child[1]);
		echo();
		_exit(0);
	}
	close(to_child[0]);
	return pid;
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

static struct code_range range_of(void (*fn)(void),
				  enum code_unsafe_when unsafe_when)
{
	uint64_t start = (uint64_t)(uintptr_t)fn;

	return (struct code_range){ .start = start,
				    .end = start + 16,
				    .unsafe_when = unsafe_when,
				    .what = "it" };
}

START_TEST(scan_sees_what_it_is_inside_of)
{
	struct code_map code = { .unsafe.n = 1 };
	struct thread_copy copy;
	struct arch_regs regs;
	struct tracer tracer;
	struct maps maps = { 0 };
	struct scan_hit hit;
	struct code_range r;
	struct tracee t;
	uint64_t back;
	pid_t pid = start_child();

	stop_child(&tracer, &t, pid);
	hs_ck_ok(maps_read(pid, &maps));
	hs_ck_ok(stack_copy(&t, &maps, &regs, &copy));
	ck_assert(copy.bounds.grows);
	ck_assert_uint_eq(copy.regs.sp + copy.len, copy.bounds.high);
	code.unsafe.items = &r;
	r = range_of(elsewhere, CODE_ALWAYS);
	ck_assert(scan_stack(&copy, &code.unsafe, true, &hit));
	/* start_child() called echo(): the return address is in it. */
	r = (struct code_range){ .start = (uintptr_t)start_child,
				 .end = (uintptr_t)start_child + 1024,
				 .unsafe_when = CODE_ALWAYS,
				 .what = "start" };
	ck_assert(!scan_stack(&copy, &code.unsafe, true, &hit));
	ck_assert_str_eq(hit.range->what, "start");
	ck_assert_uint_ge(hit.at, copy.regs.sp);
	back = hit.word;
	r.unsafe_when = CODE_RUNNING;
	ck_assert(scan_stack(&copy, &code.unsafe, true, &hit));
	ck_assert(!scan_stack(&copy, &code.unsafe, false, &hit));
	r.unsafe_when = CODE_PC;
	ck_assert(scan_stack(&copy, &code.unsafe, true, &hit));
	/* The end of a function is one when it ends in a call. */
	r.end = back;
	r.unsafe_when = CODE_ALWAYS;
	ck_assert(!scan_stack(&copy, &code.unsafe, true, &hit));
	r.no_return_to_end = true;
	ck_assert(scan_stack(&copy, &code.unsafe, true, &hit));
	r.no_return_to_end = false;
	r.unsafe_when = CODE_RUNNING_PC;
	r.start = arch_pc(&regs);
	r.end = r.start + 1;
	ck_assert(scan_stack(&copy, &code.unsafe, true, &hit));
	ck_assert(!scan_stack(&copy, &code.unsafe, false, &hit));
	r.unsafe_when = CODE_PC;
	ck_assert(!scan_stack(&copy, &code.unsafe, true, &hit));
	ck_assert_uint_eq(hit.at, 0);
	thread_copy_release(&copy);
	maps_release(&maps);
	hs_ck_ok(tracee_detach(&t));
	tracer_end(&tracer);
	end_child(pid);
}
END_TEST

START_TEST(unwinds_to_the_root)
{
	struct thread_copy copy;
	struct arch_regs regs;
	struct unwind unwind;
	const struct code_map code = { 0 };
	struct judge_case c;
	struct maps maps = { 0 };
	struct tracer tracer;
	struct tracee t;
	pid_t pid = start_child();

	stop_child(&tracer, &t, pid);
	hs_ck_ok(maps_read(pid, &maps));
	hs_ck_ok(stack_copy(&t, &maps, &regs, &copy));
	hs_ck_ok(tracee_detach(&t));
	/* It runs on: the copy is all that is needed. */
	end_child(pid);
	pid = start_child();
	c = (struct judge_case){ .pid = pid, .maps = &maps, .copy = &copy };
	hs_ck_ok(unwind_stack(&c, &code.frames, &unwind));
	ck_assert_msg(unwind.complete, "%s", unwind.why);
	ck_assert_uint_ge(unwind.n, 4); /* read, echo, start_child, test, ... */
	ck_assert_uint_eq(unwind.pcs[0], arch_pc(&regs));
	thread_copy_release(&copy);
	maps_release(&maps);
	tracer_end(&tracer);
	end_child(pid);
}
END_TEST

/* The gadget is in our own libc, which the child shares. */
static uint64_t find_in_libc(enum gadget_kind kind, const struct maps *maps)
{
	enum code_result_register reg;
	size_t i, at;

	for (i = 0; i < maps->n; i++) {
		const struct mapping *m = &maps->items[i];

		if (!m->exec || !strstr(m->path, "libc.so"))
			continue;
		at = gadget_find(kind,
				 (const unsigned char *)(uintptr_t)m->start,
				 (size_t)(m->end - m->start), 0, &reg);
		ck_assert_uint_ne(at, SIZE_MAX);
		return m->start + at;
	}
	ck_abort_msg("no libc");
	return 0;
}

START_TEST(runs_calls_and_is_restored)
{
	struct deadline d = deadline_in(2000000, NULL);
	const struct arch_call getpid_call = { .number = SYS_getpid };
	struct arch_regs before, after;
	struct code_map code = { 0 };
	struct maps maps = { 0 };
	struct tracer tracer;
	struct remote r;
	struct tracee t;
	uint64_t mask_before, mask_after;
	pid_t pid = start_child();
	int64_t result;
	int i;

	stop_child(&tracer, &t, pid);
	hs_ck_ok(maps_read(getpid(), &maps));
	code.entry.sigreturn = find_in_libc(GADGET_SIGRETURN, &maps);
	code.entry.syscall =
		(uintptr_t)syscall; /* where it is in the child, too */
	hs_ck_ok(arch_regs_get(pid, &before));
	hs_ck_ok(arch_signal_mask_get(pid, &mask_before));
	hs_ck_ok(remote_begin(&r, &t, &code.entry, 256));
	for (i = 0; i < 3; i++) {
		result = 0;
		hs_ck_ok(remote_call(&r, &getpid_call, &d, NULL, &result));
		ck_assert_int_eq(result, pid);
	}
	hs_ck_ok(arch_signal_mask_get(pid, &mask_after));
	ck_assert_uint_eq(mask_after, remote_signal_mask(false));
	hs_ck_ok(remote_end(&r));
	hs_ck_ok(arch_regs_get(pid, &after));
	ck_assert_uint_eq(arch_pc(&before), arch_pc(&after));
	ck_assert_uint_eq(arch_sp(&before), arch_sp(&after));
	hs_ck_ok(arch_signal_mask_get(pid, &mask_after));
	ck_assert_uint_eq(mask_after, mask_before);
	remote_release(&r);
	hs_ck_ok(tracee_detach(&t));
	maps_release(&maps);
	tracer_end(&tracer);
	end_child(pid);
}
END_TEST

/* A call that crashes is undone: the service does not get the signal. */
START_TEST(a_crash_is_restored)
{
	struct deadline d = deadline_in(2000000, NULL);
	const struct arch_call bad = { .function = 0x10, .number = -1 };
	struct code_map code = { 0 };
	struct maps maps = { 0 };
	struct tracer tracer;
	struct remote r;
	struct tracee t;
	pid_t pid = start_child();

	stop_child(&tracer, &t, pid);
	hs_ck_ok(maps_read(getpid(), &maps));
	code.entry.sigreturn = find_in_libc(GADGET_SIGRETURN, &maps);
	hs_ck_ok(remote_begin(&r, &t, &code.entry, 256));
	hs_ck_err(remote_call(&r, &bad, &d, NULL, NULL), HS_ERROR_SYSTEM,
		  "the injected call got signal 11 (Segmentation fault)");
	hs_ck_ok(remote_end(&r));
	remote_release(&r);
	hs_ck_ok(tracee_detach(&t));
	maps_release(&maps);
	tracer_end(&tracer);
	end_child(pid);
}
END_TEST

/* Where it is in the child, too. */
static void spin(void)
{
	for (;;)
		sched_yield();
}

/* A call that makes system calls all the while, but none that gets it on, as
 * one does that waits for a lock by turns, is given up, and told. */
START_TEST(one_that_spins_is_given_up)
{
	struct deadline d = deadline_in(100000, NULL);
	const struct arch_call call = { .function = (uintptr_t)spin,
					.number = -1 };
	struct code_map code = { 0 };
	struct maps maps = { 0 };
	struct hs_error *err;
	struct tracer tracer;
	struct remote r;
	struct tracee t;
	pid_t pid = start_child();
	char want[128];
	int status;

	stop_child(&tracer, &t, pid);
	hs_ck_ok(maps_read(getpid(), &maps));
	code.entry.sigreturn = find_in_libc(GADGET_SIGRETURN, &maps);
	hs_ck_ok(remote_begin(&r, &t, &code.entry, 256));
	err = remote_call(&r, &call, &d, NULL, NULL);
	ck_assert(r.broken);
	ck_assert_int_eq(hs_error_code(err), HS_ERROR_TIMEOUT);
	snprintf(want, sizeof(want),
		 "the call does not come back: thread %d has stood still in it "
		 "for 5.",
		 (int)pid);
	ck_assert_msg(!strncmp(hs_error_message(err), want, strlen(want)), "%s",
		      hs_error_message(err));
	hs_error_free(err);
	hs_ck_ok(remote_end(&r));
	remote_release(&r);
	hs_ck_ok(tracee_detach(&t));
	maps_release(&maps);
	tracer_end(&tracer);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
}
END_TEST

int main(void)
{
	return hs_check_run("attach/remote", scan_sees_what_it_is_inside_of,
			    unwinds_to_the_root, runs_calls_and_is_restored,
			    a_crash_is_restored, one_that_spins_is_given_up);
}
