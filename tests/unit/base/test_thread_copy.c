/*
 * Two copies of a stack are compared, but for what the kernel writes there; or
 * only what an unwinder has read of the first.
 */
#include "base/thread_copy.h"

#include "tests/unit/hs_check.h"

START_TEST(bytes_that_are_excepted_may_differ)
{
	unsigned char before[32] = { 0 }, now[32] = { 0 };
	const struct thread_copy a = { .regs.sp = 0x1000,
				       .bytes = before,
				       .len = sizeof(before) };
	struct thread_copy b = { .regs.sp = 0x1000,
				 .bytes = now,
				 .len = sizeof(now) };

	ck_assert(thread_copy_same_stack(&a, &b, 0, 0));
	now[8] = now[15] = 1;
	ck_assert(!thread_copy_same_stack(&a, &b, 0, 0));
	ck_assert(thread_copy_same_stack(&a, &b, 0x1008, 8));
	ck_assert(!thread_copy_same_stack(&a, &b, 0x1009, 8));
	ck_assert(!thread_copy_same_stack(&a, &b, 0x1007, 8));
	/* Partly or wholly elsewhere. */
	ck_assert(thread_copy_same_stack(&a, &b, 0xff0, 0x20));
	ck_assert(thread_copy_same_stack(&a, &b, 0x1008, 0x1000));
	ck_assert(!thread_copy_same_stack(&a, &b, 0x10, 16));
	ck_assert(!thread_copy_same_stack(&a, &b, 0x2000, 16));
	ck_assert(!thread_copy_same_stack(&a, &b, UINT64_MAX - 7, 16));
	b.regs.sp += 8;
	ck_assert(!thread_copy_same_stack(&a, &b, 0x1000, 32));
	b.regs.sp -= 8;
	b.len--;
	ck_assert(!thread_copy_same_stack(&a, &b, 0x1000, 32));
}
END_TEST

/* Each of these has another caller, or may have. */
START_TEST(what_an_unwinder_has_read_must_be_the_same)
{
	enum { SP = 0x1000, PC = 0x400000, RBX = 3, RBP = 6, WORDS = 4 };
	uint64_t stack[WORDS] = { 7, 8, 9, 10 };
	const struct thread_registers regs = {
		.pc = PC, .sp = SP, .numbered = { [RBP] = 1 }, .n = 17
	};
	struct thread_copy now = { .regs = regs,
				   .bytes = (unsigned char *)stack,
				   .len = sizeof(stack) };
	struct unwind_inputs inputs = {
		.regs = regs,
		.used = 1u << RBP,
		.words = { { SP + 8, 8 }, { SP + 24, 10 } },
		.n = 2,
		.whole = true,
	};

	ck_assert(thread_copy_unwinds_as(&now, &inputs));
	stack[0] = stack[2] = 100;
	now.regs.numbered[RBX] = 100;
	ck_assert(thread_copy_unwinds_as(&now, &inputs));
	stack[3] = 100;
	ck_assert(!thread_copy_unwinds_as(&now, &inputs));
	stack[3] = 10;
	now.regs.numbered[RBP] = 100;
	ck_assert(!thread_copy_unwinds_as(&now, &inputs));
	now.regs.numbered[RBP] = 1;
	now.regs.pc++;
	ck_assert(!thread_copy_unwinds_as(&now, &inputs));
	now.regs.pc--;
	now.len -= 8;
	ck_assert(!thread_copy_unwinds_as(&now, &inputs));
	now.len += 8;
	now.regs.sp -= 8;
	ck_assert(!thread_copy_unwinds_as(&now, &inputs));
	now.regs.sp += 8;
	inputs.words[0].address = SP - 8;
	ck_assert(!thread_copy_unwinds_as(&now, &inputs));
	inputs.words[0].address = SP + 8;
	ck_assert(thread_copy_unwinds_as(&now, &inputs));
	inputs.whole = false;
	ck_assert(!thread_copy_unwinds_as(&now, &inputs));
}
END_TEST

int main(void)
{
	return hs_check_run("base/thread_copy",
			    bytes_that_are_excepted_may_differ,
			    what_an_unwinder_has_read_must_be_the_same);
}
