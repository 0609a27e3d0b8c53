/* The stack of a live child is found and copied; the scan sees the functions it
 * is inside of and no others; the unwinder comes to the root by real unwind
 * information. */
#include "target/scan.h"

#include <unistd.h>

#include "attach/stack.h"
#include "proc/maps.h"
#include "target/unwind.h"
#include "tests/unit/echo_child.h"
#include "tests/unit/hs_check.h"

__attribute__((noinline)) static void elsewhere(void)
{
	(void)!write(from_child[1], "!", 1);
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
	/* start_child_of() called echo(): the return address is in it. */
	r = (struct code_range){ .start = (uintptr_t)start_child_of,
				 .end = (uintptr_t)start_child_of + 1024,
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

int main(void)
{
	return hs_check_run("target/scan", scan_sees_what_it_is_inside_of,
			    unwinds_to_the_root);
}
