/* Calls run in a live child, one that crashes too, and it goes on as if nothing
 * had been. */
#include "attach/remote.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/maps.h"
#include "target/gadget.h"
#include "tests/unit/echo_child.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/libc_gadget.h"

/* The stack of the child, which a test of its own finds. */
static const struct stack_bounds anywhere = { .high = UINT64_MAX };

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
	hs_ck_ok(remote_begin(&r, &t, &code.entry, &anywhere, 256));
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
	hs_ck_ok(remote_begin(&r, &t, &code.entry, &anywhere, 256));
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
 * one does that waits for a lock by turns, is given up, which the error says. */
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
	hs_ck_ok(remote_begin(&r, &t, &code.entry, &anywhere, 256));
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
	return hs_check_run("attach/remote", runs_calls_and_is_restored,
			    a_crash_is_restored, one_that_spins_is_given_up);
}
