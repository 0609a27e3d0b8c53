/*
 * Two copies of a stack are compared, but for what the kernel writes there.
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

int main(void)
{
	return hs_check_run("base/thread_copy",
			    bytes_that_are_excepted_may_differ);
}
