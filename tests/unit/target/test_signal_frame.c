/*
 * The frame of a signal is found on the stack, by nothing but how it looks:
 * with the registers that the kernel tells the handler, on the thread's stack
 * and on an alternate one, and so is each of those of nested signals. Whether
 * the signal ended a system call is told. Bytes that are no whole frame are
 * none, nor are those that lack the code segment, or both signs of where the
 * extended state is.
 */
#include "target/signal_frame.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>

#include "proc/task.h"
#include "tests/unit/hs_check.h"

enum { BYTES = 32768 };

/* What the handler saw, copied in it. */
static unsigned char bytes[BYTES];
static struct thread_copy copy = { .bytes = bytes };
static uint64_t pc, sp;
static int full = -1; /* is written to by the handler */

static void copy_stack(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	const uint64_t top = (uintptr_t)__builtin_frame_address(0);
	const size_t len = (uintptr_t)uc + 4096 - top;
	const unsigned char *from = (const unsigned char *)(uintptr_t)top;
	size_t i;

	(void)sig, (void)info;
	pc = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
	sp = (uint64_t)uc->uc_mcontext.gregs[REG_RSP];
	copy.bytes = bytes;
	copy.regs.sp = top;
	copy.len = len < BYTES ? len : BYTES;
	/* Word by word: a sanitizer does not want to see it read. */
	for (i = 0; i + 8 <= copy.len; i += 8)
		__asm__ volatile(
			"mov (%1), %%rax\n\tmov %%rax, (%0)" ::"r"(bytes + i),
			"r"(from + i)
			: "rax", "memory");
	copy.len = i;
	if (full >= 0)
		(void)!write(full, "!", 1);
}

static void on_nested(int sig)
{
	(void)sig;
	raise(SIGUSR1);
}

static void handle(int sig, int flags)
{
	struct sigaction action = { .sa_sigaction = copy_stack,
				    .sa_flags = SA_SIGINFO | flags };

	ck_assert_int_eq(sigaction(sig, &action, NULL), 0);
}

static size_t count(struct signal_frame *first)
{
	struct signal_frame frame;
	size_t offset = 0, n = 0;

	while (signal_frame_next(&copy, &offset, &frame)) {
		ck_assert_uint_le(offset, copy.len);
		if (!n++)
			*first = frame;
	}
	return n;
}

static void check_first(size_t n, bool at_call)
{
	struct signal_frame first = { 0 };

	ck_assert_uint_eq(count(&first), n);
	ck_assert_uint_eq(first.pc, pc);
	ck_assert_uint_eq(first.sp, sp);
	ck_assert_int_eq(first.at_call, at_call);
}

START_TEST(on_its_own_stack)
{
	handle(SIGUSR1, 0);
	raise(SIGUSR1);
	check_first(1, false);
	ck_assert_uint_gt(sp, copy.regs.sp);
}
END_TEST

START_TEST(on_an_alternate_stack)
{
	static char stack[65536];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };

	ck_assert_int_eq(sigaltstack(&alternate, NULL), 0);
	handle(SIGUSR1, SA_ONSTACK);
	raise(SIGUSR1);
	copy.len = (uintptr_t)stack + sizeof(stack) - copy.regs.sp;
	check_first(1, false);
	ck_assert(sp < (uintptr_t)stack || sp > (uintptr_t)stack + BYTES);
}
END_TEST

START_TEST(within_another_handler)
{
	handle(SIGUSR1, 0);
	signal(SIGUSR2, on_nested);
	raise(SIGUSR2);
	check_first(2, false);
}
END_TEST

/* Sends the signal when @arg, the thread, waits in read(2). */
static void *interrupt(void *arg)
{
	const pid_t tid = *(pid_t *)arg;
	struct task_syscall where = { 0 };

	while (where.activity != TASK_IN_SYSCALL || where.number != SYS_read)
		hs_ck_ok(task_syscall_read(getpid(), tid, &where));
	syscall(SYS_tgkill, getpid(), tid, SIGUSR1);
	return NULL;
}

static int read_interrupted(int flags)
{
	pid_t tid = (pid_t)syscall(SYS_gettid);
	pthread_t id;
	int fds[2];
	ssize_t n;
	char byte;

	ck_assert_int_eq(pipe(fds), 0);
	full = fds[1];
	handle(SIGUSR1, flags);
	ck_assert_int_eq(pthread_create(&id, NULL, interrupt, &tid), 0);
	n = read(fds[0], &byte, 1);
	pthread_join(id, NULL);
	return (int)n;
}

START_TEST(that_ended_a_call)
{
	ck_assert_int_eq(read_interrupted(0), -1);
	check_first(1, true);
}
END_TEST

START_TEST(that_has_a_call_issued_again)
{
	ck_assert_int_eq(read_interrupted(SA_RESTART), 1);
	check_first(1, true);
}
END_TEST

START_TEST(no_whole_frame)
{
	struct signal_frame frame = { 0 };
	const unsigned char *all = bytes;
	size_t offset = 0, whole, n;

	handle(SIGUSR1, 0);
	raise(SIGUSR1);
	ck_assert(signal_frame_next(&copy, &offset, &frame));
	whole = (size_t)(frame.at - copy.regs.sp);
	for (n = 0; n < whole + 440; n++) {
		copy.bytes = malloc(n + 1);
		memcpy(copy.bytes, all, n);
		copy.len = n;
		ck_assert_uint_eq(count(&frame), 0);
		free(copy.bytes);
	}
}
END_TEST

/* A word of the frame at @offset, by where it is in the ucontext. */
static uint64_t *word(size_t offset, size_t in_context)
{
	return (uint64_t *)(void *)(bytes + offset + 8 + in_context);
}

#define REGISTER(number) \
	(offsetof(ucontext_t, uc_mcontext.gregs) + (number) * sizeof(greg_t))

/* The offset of the first frame; @n others are left by earlier signals. */
static size_t first_frame(size_t *n)
{
	struct signal_frame frame = { 0 };

	*n = count(&frame);
	ck_assert_uint_ge(*n, 1);
	--*n;
	return (size_t)(frame.at - copy.regs.sp);
}

START_TEST(no_code_segment)
{
	struct signal_frame frame;
	size_t at, others;

	handle(SIGUSR1, 0);
	raise(SIGUSR1);
	at = first_frame(&others);
	*word(at, REGISTER(REG_CSGSFS)) ^= 0x10;
	ck_assert_uint_eq(count(&frame), others);
}
END_TEST

START_TEST(where_the_extended_state_is)
{
	enum { MAGIC_AT = 464 }; /* struct _fpx_sw_bytes in struct _fpstate */
	struct signal_frame frame;
	unsigned char *magic;
	uint64_t *state;
	size_t others;

	handle(SIGUSR1, 0);
	raise(SIGUSR1);
	state = word(first_frame(&others),
		     offsetof(ucontext_t, uc_mcontext.fpregs));
	magic = bytes + (*state - copy.regs.sp) + MAGIC_AT;
	/* Kernels without XSAVE write none. */
	memset(magic, 0, 4);
	ck_assert_uint_eq(count(&frame), others + 1);
	*state += 64;
	memset(magic + 64, 0, 4);
	ck_assert_uint_eq(count(&frame), others);
	memcpy(magic + 64, "SXPF", 4);
	ck_assert_uint_eq(count(&frame), others + 1);
	*state += 8;
	memcpy(magic + 72, "SXPF", 4);
	ck_assert_uint_eq(count(&frame), others);
}
END_TEST

/* The instruction before a PC may be a system call's that was left long ago. */
START_TEST(that_came_behind_a_call)
{
	size_t at, others;

	ck_assert_int_eq(read_interrupted(0), -1);
	at = first_frame(&others);
	*word(at, REGISTER(REG_R11)) ^= 1;
	check_first(others + 1, false);
}
END_TEST

int main(void)
{
	return hs_check_run("target/signal_frame", on_its_own_stack,
			    on_an_alternate_stack, within_another_handler,
			    that_ended_a_call, that_has_a_call_issued_again,
			    no_whole_frame, no_code_segment,
			    where_the_extended_state_is,
			    that_came_behind_a_call);
}
