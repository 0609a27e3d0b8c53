/*
 * How an interrupt ended a system call, and the registers that restore a
 * thread. Proves: every kind of interrupted call continues as the kernel would
 * have continued it; close(2) is never issued twice.
 */
#include "attach/arch.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attach/frame.h"
#include "base/array.h"
#include "base/linux.h"
#include "tests/unit/hs_check.h"

static struct arch_regs stopped(long number, long result)
{
	struct arch_regs r = { 0 };

	r.user.rip = 0x1000;
	r.user.rsp = 0x7ff000;
	r.user.orig_rax = (unsigned long long)number;
	r.user.rax = (unsigned long long)result;
	r.user.rdi = 7;
	return r;
}

START_TEST(interrupted_calls_are_classed)
{
	struct arch_regs r = stopped(SYS_poll, -512);

	ck_assert_int_eq(arch_interrupted(&r), ARCH_RESTARTS);
	r = stopped(SYS_pause, -514);
	ck_assert_int_eq(arch_interrupted(&r), ARCH_EINTR);
	/* As an earlier stop left it. */
	r = stopped(SYS_epoll_wait, -514);
	ck_assert_int_eq(arch_interrupted(&r), ARCH_EINTR);
	r = stopped(SYS_nanosleep, -516);
	ck_assert_int_eq(arch_interrupted(&r), ARCH_RESUMES);
	r = stopped(SYS_epoll_wait, -EINTR);
	ck_assert_int_eq(arch_interrupted(&r), ARCH_EINTR);
	r = stopped(SYS_read, 12);
	ck_assert_int_eq(arch_interrupted(&r), ARCH_SYSCALL_DONE);
	r = stopped(-1, -512);
	ck_assert_int_eq(arch_interrupted(&r), ARCH_NOT_IN_SYSCALL);
}
END_TEST

/* Only a result of a call that threads wait in, and that takes no lock of the
 * process. */
START_TEST(what_has_left_a_wait_is_known)
{
	static const unsigned char calls[] = { 0x44, 0x89, 0xe1, 0x31,
					       0xff, 0x0f, 0x05 };
	static const unsigned char other[] = { 0xb8, 0, 0, 0, 0, 0x0f, 0x0b };
	struct arch_regs r = stopped(SYS_recvmsg, 12);

	ck_assert(arch_left_wait(&r));
	r = stopped(SYS_epoll_wait, 0);
	ck_assert(arch_left_wait(&r));
	r = stopped(SYS_recvfrom, -EAGAIN);
	ck_assert(arch_left_wait(&r));
	r = stopped(SYS_recvmsg, -512);
	ck_assert(!arch_left_wait(&r));
	r = stopped(SYS_futex, 0);
	ck_assert(!arch_left_wait(&r));
	r.user.rsi = FUTEX_WAIT_BITSET;
	ck_assert(!arch_left_wait(&r));
	r = stopped(SYS_munmap, 0);
	ck_assert(!arch_left_wait(&r));
	r = stopped(-1, 0);
	ck_assert(!arch_left_wait(&r));
	ck_assert(arch_code_calls(calls));
	ck_assert(!arch_code_calls(other));
}
END_TEST

START_TEST(close_is_never_issued_twice)
{
	struct arch_regs r = stopped(SYS_close, -EINTR);

	ck_assert_int_eq(arch_interrupted(&r), ARCH_SYSCALL_DONE);
}
END_TEST

START_TEST(a_restored_thread_enters_the_call_again)
{
	struct arch_regs r = stopped(SYS_poll, -512);
	struct arch_regs saved = arch_regs_reenter(&r);

	ck_assert_uint_eq(saved.user.orig_rax, SYS_poll);
	ck_assert_int_eq((long)saved.user.rax, -ENOSYS);
	ck_assert_uint_eq(saved.user.rip, 0x1000);
	ck_assert_uint_eq(saved.user.rdi, 7);
}
END_TEST

START_TEST(a_restored_thread_goes_on_with_a_restart_block)
{
	struct arch_regs r = stopped(SYS_nanosleep, -516);
	struct arch_regs saved = arch_regs_reenter(&r);

	ck_assert_uint_eq(saved.user.orig_rax, SYS_restart_syscall);
}
END_TEST

/* Number -1 would skip the call, but the kernel asks a seccomp filter about
 * it. */
START_TEST(no_number_is_unknown_to_filters)
{
	struct arch_regs r = stopped(SYS_clock_nanosleep, -ENOSYS), got;
	const struct arch_call call = { .function = 0x4000, .number = -1 };
	const struct arch_frames frames = { .sp = 0x7f0008 };

	got = arch_regs_end_sleep(&r);
	ck_assert_uint_eq(got.user.orig_rax, SYS_getpid);
	got = arch_regs_call(&r, &frames, &call, true);
	ck_assert_uint_eq(got.user.orig_rax, SYS_getpid);
	ck_assert_uint_eq(got.user.rip, 0x4000);
	ck_assert_uint_eq(got.user.rsp, 0x7f0008);
	got = arch_regs_call(&r, &frames, &call, false);
	ck_assert_int_eq((long)got.user.orig_rax, -1);
}
END_TEST

START_TEST(the_direction_flag_is_clear_in_calls)
{
	const struct arch_call call = { .function = 0x4000, .number = -1 };
	const struct arch_frames frames = { .sp = 0x7f0008 };
	struct arch_regs r = stopped(-1, 0), got;

	r.user.eflags = 0x400 | 0x100 | 0x1; /* DF, TF, CF */
	got = arch_regs_call(&r, &frames, &call, false);
	ck_assert_uint_eq(got.user.eflags, 0x1);
}
END_TEST

START_TEST(reissue_backs_up_over_the_instruction)
{
	struct arch_regs r = stopped(SYS_epoll_wait, -EINTR);
	struct arch_regs again = arch_regs_reissue(&r);

	ck_assert_uint_eq(again.user.rip, 0x1000 - 2);
	ck_assert_uint_eq(again.user.rax, SYS_epoll_wait);
	ck_assert_int_eq((long)again.user.orig_rax, -1);
}
END_TEST

START_TEST(restart_is_left_to_the_kernel)
{
	struct arch_regs r = stopped(SYS_epoll_wait, -EINTR);
	struct arch_regs again = arch_regs_restart(&r);

	ck_assert_uint_eq(again.user.rip, 0x1000);
	ck_assert_int_eq((long)again.user.rax, -514); /* ERESTARTNOHAND */
	ck_assert_uint_eq(again.user.orig_rax, SYS_epoll_wait);
}
END_TEST

static enum arch_wait_class class_of(int64_t number, uint64_t arg3, bool *timed)
{
	const struct arch_wait call = { .number = number,
					.args = { 3, 0x2000, 16, arg3 } };

	return arch_wait_class(&call, timed);
}

START_TEST(waits_are_classed_by_their_timeout)
{
	bool timed = true;

	ck_assert_int_eq(class_of(SYS_epoll_wait, (uint64_t)-1, &timed),
			 ARCH_WAIT_RESTARTED);
	ck_assert(!timed);
	ck_assert_int_eq(class_of(SYS_epoll_wait, 100, &timed),
			 ARCH_WAIT_RESTARTED);
	ck_assert(timed);
	/* As an int, as the kernel takes it: the upper half is noise. */
	class_of(SYS_epoll_wait, 0xffffffff, &timed);
	ck_assert(!timed);
	ck_assert_int_eq(class_of(SYS_futex, 0, &timed), ARCH_WAIT_EXACT);
	ck_assert(!timed);
	ck_assert_int_eq(class_of(SYS_close, 0, &timed), ARCH_WAIT_UNKNOWN);
}
END_TEST

START_TEST(a_wait_that_the_kernel_goes_on_with_is_the_same)
{
	const struct arch_regs poll = stopped(SYS_poll, -516);
	const struct arch_regs on = stopped(SYS_restart_syscall, -516);
	const struct arch_regs select = stopped(SYS_select, -514);
	struct arch_regs other = on;

	ck_assert(arch_same_place(&poll, &poll));
	ck_assert(arch_same_place(&poll, &on));
	ck_assert(arch_same_place(&on, &on));
	/* It was over, and a new one has begun. */
	ck_assert(!arch_same_place(&on, &poll));
	ck_assert(!arch_same_place(&select, &on));
	other.user.rdi++;
	ck_assert(!arch_same_place(&poll, &other));
	other = on;
	other.user.rip++;
	ck_assert(!arch_same_place(&poll, &other));
	other = on;
	other.user.rax = 0; /* the wait is over */
	ck_assert(!arch_same_place(&poll, &other));
}
END_TEST

START_TEST(code_tells_the_call_that_goes_on)
{
	/* mov $7, %eax; syscall */
	unsigned char code[ARCH_CALL_CODE] = { 0xb8, 7, 0, 0, 0, 0x0f, 0x05 };

	ck_assert_int_eq(arch_call_of_code(code), SYS_poll);
	code[1] = 230;
	ck_assert_int_eq(arch_call_of_code(code), SYS_clock_nanosleep);
	code[4] = 0x80;
	ck_assert_int_eq(arch_call_of_code(code), -1);
	code[4] = 0;
	code[6] = 0x34; /* sysenter */
	ck_assert_int_eq(arch_call_of_code(code), -1);
	code[6] = 0x05;
	code[0] = 0xb9; /* mov to %ecx */
	ck_assert_int_eq(arch_call_of_code(code), -1);
}
END_TEST

static bool is_lock(int64_t number, uint64_t op)
{
	const struct arch_wait call = { .number = number,
					.args = { 0x1000, op } };

	return arch_wait_is_lock(&call);
}

START_TEST(mutexes_are_told_from_other_waits)
{
	const struct arch_wait nanosleep = {
		.number = SYS_restart_syscall,
		.args = { CLOCK_MONOTONIC, 0, 0x1000, 0x1000 },
	};

	ck_assert(is_lock(SYS_futex, FUTEX_WAIT));
	ck_assert(is_lock(SYS_futex, FUTEX_WAIT_PRIVATE));
	ck_assert(is_lock(SYS_futex, FUTEX_LOCK_PI_PRIVATE));
	ck_assert(is_lock(SYS_restart_syscall, FUTEX_WAIT));
	ck_assert(is_lock(SYS_restart_syscall,
			  FUTEX_WAIT_PRIVATE | FUTEX_CLOCK_REALTIME));
	ck_assert(!is_lock(SYS_restart_syscall, FUTEX_WAIT_BITSET));
	ck_assert(!is_lock(SYS_restart_syscall, 1)); /* poll(2) of one */
	ck_assert(!arch_wait_is_lock(&nanosleep));
	ck_assert(!is_lock(SYS_futex, FUTEX_WAIT_BITSET));
	ck_assert(!is_lock(SYS_futex,
			   FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME));
	ck_assert(!is_lock(SYS_poll, FUTEX_WAIT));
}
END_TEST

START_TEST(the_kernel_writes_the_time_left)
{
	const struct {
		int64_t number;
		uint64_t where;
	} expect[] = {
		{ SYS_nanosleep, 11 },	 { SYS_ppoll, 12 },
		{ SYS_select, 14 },	 { SYS_pselect6, 14 },
		{ SYS_poll, 0 },	 { SYS_futex, 0 },
		{ SYS_epoll_pwait2, 0 }, { SYS_semtimedop, 0 },
		{ SYS_recvmmsg, 0 },	 { SYS_close, 0 },
	};
	struct arch_wait call = { .args = { 10, 11, 12, 13, 14, 15 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(expect); i++) {
		call.number = expect[i].number;
		ck_assert_uint_eq(arch_time_left(&call), expect[i].where);
	}
	call.number = SYS_clock_nanosleep;
	call.args[1] = 0;
	ck_assert_uint_eq(arch_time_left(&call), 13);
	call.args[1] = TIMER_ABSTIME;
	ck_assert_uint_eq(arch_time_left(&call), 0);
}
END_TEST

/* The frame, read as the kernel does (signal_64.c, fpu/signal.c). */
START_TEST(the_frame_is_what_the_kernel_reads)
{
	enum { XSAVE = 2696, XCR0_FEATURES = 7 }; /* x87, SSE, AVX */
	struct entry_points entry = { .sigreturn = 0x5000,
				      .syscall_return = 0x5100,
				      .result = 0x5200,
				      .result_register = CODE_RESULT_RBX };
	struct arch_state saved = { .regs = stopped(SYS_read, -512),
				    .signal_mask = 0x10,
				    .extended_len = XSAVE };
	struct arch_frames f = { 0 };
	uint64_t word, fp, top = 0x7fe000;
	uint32_t magic;

	saved.extended = calloc(1, XSAVE);
	ck_assert_ptr_nonnull(saved.extended);
	saved.extended[512] = XCR0_FEATURES;
	hs_ck_ok(arch_frames_build(&saved, &entry, top, true, NULL, &f));
	ck_assert_uint_eq(f.sp % 16, 8);
	ck_assert_uint_eq(f.base + f.len, top);
	ck_assert_uint_le(top - f.base, arch_frames_size(&saved) + 16);
	memcpy(&word, f.image + (f.sp - f.base), 8);
	ck_assert_uint_eq(word, entry.result);
	memcpy(&word, f.image + (f.sp + 8 - f.base), 8);
	ck_assert_uint_eq(word, entry.sigreturn);
	ck_assert_uint_eq(f.sigreturn_sp, f.sp + 16);
	/* uc: flags, link, stack (24), r8..: rip is the 17th register */
	memcpy(&word, f.image + (f.sigreturn_sp + 40 + 16 * 8 - f.base), 8);
	ck_assert_uint_eq(word, 0x1000 - 2); /* the read, issued again */
	memcpy(&fp, f.image + (f.sigreturn_sp + 40 + 23 * 8 - f.base), 8);
	ck_assert_uint_eq(fp % 64, 0);
	memcpy(&magic, f.image + (fp + 464 - f.base), 4);
	ck_assert_uint_eq(magic, 0x46505853);
	memcpy(&magic, f.image + (fp + 464 + 16 - f.base), 4);
	ck_assert_uint_ge(magic, 576 + 256); /* up to the end of AVX */
	memcpy(&magic, f.image + (fp + magic - f.base), 4);
	ck_assert_uint_eq(magic, 0x46505845);
	arch_frames_release(&f);
	hs_ck_ok(arch_frames_build(&saved, &entry, top, false, NULL, &f));
	ck_assert_uint_eq(f.sp % 16, 8);
	memcpy(&word, f.image + (f.sp - f.base), 8);
	ck_assert_uint_eq(word, entry.sigreturn);
	ck_assert_uint_eq(f.sigreturn_sp, f.sp + 8);
	arch_frames_release(&f);
	arch_state_release(&saved);
}
END_TEST

int main(void)
{
	return hs_check_run("attach/arch", interrupted_calls_are_classed,
			    what_has_left_a_wait_is_known,
			    close_is_never_issued_twice,
			    a_restored_thread_enters_the_call_again,
			    a_restored_thread_goes_on_with_a_restart_block,
			    no_number_is_unknown_to_filters,
			    the_direction_flag_is_clear_in_calls,
			    reissue_backs_up_over_the_instruction,
			    restart_is_left_to_the_kernel,
			    waits_are_classed_by_their_timeout,
			    a_wait_that_the_kernel_goes_on_with_is_the_same,
			    code_tells_the_call_that_goes_on,
			    mutexes_are_told_from_other_waits,
			    the_kernel_writes_the_time_left,
			    the_frame_is_what_the_kernel_reads);
}
