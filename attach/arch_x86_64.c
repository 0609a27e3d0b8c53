/*
 * x86-64: registers and the state of interrupted system calls. The signal
 * frame is in frame_x86_64.c.
 */
#include "attach/arch.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

#include "attach/request.h"
#include "base/array.h"
#include "base/linux.h"

/* linux/errno.h: not for user space, but visible through ptrace. */
enum {
	KERNEL_ERESTARTSYS = 512,
	KERNEL_ERESTARTNOINTR = 513,
	KERNEL_ERESTARTNOHAND = 514,
	KERNEL_ERESTART_RESTARTBLOCK = 516,
};

const struct arch_syscalls arch_syscalls = {
	.close = SYS_close,
	.creat = SYS_creat,
	.exit = SYS_exit,
	.fcntl = SYS_fcntl,
	.mmap = SYS_mmap,
	.prctl = SYS_prctl,
	.memfd_create = SYS_memfd_create,
	.unlinkat = SYS_unlinkat,
	.sigprocmask = SYS_rt_sigprocmask,
};

struct hs_error *arch_regs_get(pid_t tid, struct arch_regs *ret)
{
	struct iovec iov = { &ret->user, sizeof(ret->user) };

	return request(PTRACE_GETREGSET, tid, NT_PRSTATUS, (uintptr_t)&iov);
}

struct hs_error *arch_regs_set(pid_t tid, const struct arch_regs *regs)
{
	struct arch_regs copy = *regs;
	struct iovec iov = { &copy.user, sizeof(copy.user) };

	return request_twice(PTRACE_SETREGSET, tid, NT_PRSTATUS,
			     (uintptr_t)&iov);
}

struct hs_error *arch_signal_mask_get(pid_t tid, uint64_t *ret)
{
	return request(PTRACE_GETSIGMASK, tid, sizeof(*ret), (uintptr_t)ret);
}

struct hs_error *arch_signal_mask_set(pid_t tid, uint64_t mask)
{
	return request_twice(PTRACE_SETSIGMASK, tid, sizeof(mask),
			     (uintptr_t)&mask);
}

struct hs_error *arch_extended_set(pid_t tid, const struct arch_state *s)
{
	struct iovec iov = { s->extended, s->extended_len };

	return request_twice(PTRACE_SETREGSET, tid, NT_X86_XSTATE,
			     (uintptr_t)&iov);
}

/* The kernel has no such regset for a CPU without XSAVE, as emulators have, or
 * when it was told not to use it (noxsave). A signal frame of such a machine
 * has another form. */
static struct hs_error *explain_no_xsave(struct hs_error *err)
{
	if (hs_error_errno(err) != ENODEV)
		return err;
	hs_error_free(err);
	return hs_error_hint(
		hs_error_new(HS_ERROR_DENIED,
			     "this machine's CPU has no XSAVE, or its kernel "
			     "does not use it: a thread's vector registers "
			     "could not be put back"),
		"give the virtual machine a CPU that has it (qemu -cpu max or "
		"host), or start its kernel without noxsave");
}

static struct hs_error *extended_get(pid_t tid, struct arch_state *s)
{
	/* AMX tiles take 8 KiB; the regset is as large as the machine allows,
	 * not as the thread uses (arch/x86/kernel/fpu/regset.c). */
	enum { EXTENDED_MAX = 1 << 16 };
	struct iovec iov = { malloc(EXTENDED_MAX), EXTENDED_MAX };
	struct hs_error *err;

	if (!iov.iov_base)
		return hs_error_nomem();
	err = request(PTRACE_GETREGSET, tid, NT_X86_XSTATE, (uintptr_t)&iov);
	if (err) {
		free(iov.iov_base);
		return explain_no_xsave(err);
	}
	s->extended = iov.iov_base;
	s->extended_len = iov.iov_len;
	return NULL;
}

struct hs_error *arch_state_get(pid_t tid, struct arch_state *ret)
{
	struct hs_error *err;

	*ret = (struct arch_state){ 0 };
	err = arch_regs_get(tid, &ret->regs);
	if (!err)
		err = arch_signal_mask_get(tid, &ret->signal_mask);
	if (!err)
		err = extended_get(tid, ret);
	return err;
}

void arch_state_release(struct arch_state *state)
{
	free(state->extended);
	*state = (struct arch_state){ 0 };
}

uint64_t arch_pc(const struct arch_regs *regs)
{
	return regs->user.rip;
}

uint64_t arch_sp(const struct arch_regs *regs)
{
	return regs->user.rsp;
}

uint64_t arch_thread_pointer(const struct arch_regs *regs)
{
	return regs->user.fs_base;
}

void arch_thread_registers(const struct arch_regs *regs,
			   struct thread_registers *ret)
{
	const struct user_regs_struct *u = &regs->user;

	/* libunwind-x86_64.h numbers them as DWARF does. */
	*ret = (struct thread_registers){
		.pc = u->rip,
		.sp = u->rsp,
		.numbered = { u->rax, u->rdx, u->rcx, u->rbx, u->rsi, u->rdi,
			      u->rbp, u->rsp, u->r8, u->r9, u->r10, u->r11,
			      u->r12, u->r13, u->r14, u->r15, u->rip },
		.n = 17,
	};
}

/*
 * The system calls that blocked threads wait in. EXACT: after an interrupt
 * without a signal the kernel restarts the call, and a relative time-out goes
 * on (restart_syscall(2)). RESTARTED: the call fails with EINTR and is harmless
 * to issue again, signal(7) "Interruption of system calls". We leave calls that
 * are not listed alone: close(2), which must never be issued twice, is one of
 * them.
 */
static const struct {
	int64_t number;
	enum arch_wait_class class;
	int timeout_arg;	 /* index of the time-out; -1: it has none */
	bool timeout_is_pointer; /* NULL: none; else a number, -1: none */
} waits[] = {
	{ SYS_futex, ARCH_WAIT_EXACT, 3, true },
	{ SYS_poll, ARCH_WAIT_EXACT, 2, false },
	{ SYS_ppoll, ARCH_WAIT_EXACT, 2, true },
	{ SYS_select, ARCH_WAIT_EXACT, 4, true },
	{ SYS_pselect6, ARCH_WAIT_EXACT, 4, true },
	{ SYS_nanosleep, ARCH_WAIT_EXACT, 0, true },
	{ SYS_clock_nanosleep, ARCH_WAIT_EXACT, 2, true },
	{ SYS_restart_syscall, ARCH_WAIT_EXACT, -1, false },
	{ SYS_pause, ARCH_WAIT_EXACT, -1, false },
	{ SYS_rt_sigsuspend, ARCH_WAIT_EXACT, -1, false },
	{ SYS_wait4, ARCH_WAIT_EXACT, -1, false },
	{ SYS_waitid, ARCH_WAIT_EXACT, -1, false },
	{ SYS_flock, ARCH_WAIT_EXACT, -1, false },
	{ SYS_fcntl, ARCH_WAIT_EXACT, -1, false },
	{ SYS_msgrcv, ARCH_WAIT_EXACT, -1, false },
	{ SYS_msgsnd, ARCH_WAIT_EXACT, -1, false },
	{ SYS_mq_timedreceive, ARCH_WAIT_EXACT, 4, true },
	{ SYS_mq_timedsend, ARCH_WAIT_EXACT, 4, true },
	/* These restart exactly too, unless the descriptor is a socket with
	 * SO_RCVTIMEO or SO_SNDTIMEO: then they fail with EINTR before a byte
	 * was moved, and start over. */
	{ SYS_read, ARCH_WAIT_EXACT, -1, false },
	{ SYS_readv, ARCH_WAIT_EXACT, -1, false },
	{ SYS_accept, ARCH_WAIT_EXACT, -1, false },
	{ SYS_accept4, ARCH_WAIT_EXACT, -1, false },
	{ SYS_recvfrom, ARCH_WAIT_EXACT, -1, false },
	{ SYS_recvmsg, ARCH_WAIT_EXACT, -1, false },
	{ SYS_recvmmsg, ARCH_WAIT_EXACT, 4, true },
	{ SYS_write, ARCH_WAIT_EXACT, -1, false },
	{ SYS_writev, ARCH_WAIT_EXACT, -1, false },
	{ SYS_sendto, ARCH_WAIT_EXACT, -1, false },
	{ SYS_sendmsg, ARCH_WAIT_EXACT, -1, false },
	{ SYS_epoll_wait, ARCH_WAIT_RESTARTED, 3, false },
	{ SYS_epoll_pwait, ARCH_WAIT_RESTARTED, 3, false },
	{ SYS_epoll_pwait2, ARCH_WAIT_RESTARTED, 3, true },
	{ SYS_rt_sigtimedwait, ARCH_WAIT_RESTARTED, 2, true },
	{ SYS_semop, ARCH_WAIT_RESTARTED, -1, false },
	{ SYS_semtimedop, ARCH_WAIT_RESTARTED, 3, true },
	{ SYS_io_getevents, ARCH_WAIT_RESTARTED, 4, true },
};

static size_t find_wait(int64_t number)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(waits) && waits[i].number != number)
		i++;
	return i;
}

struct arch_wait arch_wait_of(const struct arch_regs *regs)
{
	const struct user_regs_struct *u = &regs->user;

	return (struct arch_wait){
		.number = (int64_t)u->orig_rax,
		.args = { u->rdi, u->rsi, u->rdx, u->r10, u->r8, u->r9 },
	};
}

bool arch_code_calls(const unsigned char code[ARCH_CALL_CODE])
{
	return code[5] == 0x0f && code[6] == 0x05;
}

int64_t arch_call_of_code(const unsigned char code[ARCH_CALL_CODE])
{
	enum { MOV_EAX = 0xb8 }; /* then the number, then syscall: 0f 05 */
	int32_t number;

	if (code[0] != MOV_EAX || !arch_code_calls(code))
		return -1;
	memcpy(&number, code + 1, sizeof(number));
	return number < 0 ? -1 : number;
}

bool arch_is_resumption(int64_t number)
{
	return number == SYS_restart_syscall;
}

enum arch_wait_class arch_wait_class(const struct arch_wait *wait, bool *timed)
{
	size_t i = find_wait(wait->number);
	int arg;

	*timed = false;
	if (i == ARRAY_SIZE(waits))
		return ARCH_WAIT_UNKNOWN;
	arg = waits[i].timeout_arg;
	if (arg >= 0 && waits[i].timeout_is_pointer)
		*timed = wait->args[arg] != 0;
	else if (arg >= 0)
		*timed = (int32_t)wait->args[arg] >= 0;
	return waits[i].class;
}

enum { FIRST_PAGE = 4096 /* bytes */ };

/* glibc waits for its mutexes and for pthread_once() by FUTEX_WAIT, musl for
 * everything; for condition variables, semaphores and the end of a thread glibc
 * waits by FUTEX_WAIT_BITSET (nptl/futex-internal.c,
 * __futex_abstimed_wait_common()). */
bool arch_wait_is_lock(const struct arch_wait *wait)
{
	const uint64_t op = wait->args[1] & FUTEX_CMD_MASK;

	if (wait->number == SYS_futex)
		return op != FUTEX_WAIT_BITSET;
	/* Which call the kernel goes on with is not always in the code:
	 * glibc 2.41 makes all in which a thread can be cancelled in one place
	 * (__syscall_cancel_arch). But its arguments are still there, and of
	 * the futex calls it goes on with FUTEX_WAIT and FUTEX_WAIT_BITSET
	 * alone (kernel/futex/waitwake.c, futex_wait_restart()). No futex is
	 * in the first page. */
	return wait->number == SYS_restart_syscall &&
	       wait->args[0] >= FIRST_PAGE && op == FUTEX_WAIT;
}

/* fs/select.c, poll_select_finish(), and kernel/time/hrtimer.c,
 * nanosleep_copyout(). The time-outs of epoll_pwait2, futex, io_getevents,
 * mq_*, rt_sigtimedwait and semtimedop are only read, and that of recvmmsg is
 * written when it has received something. */
uint64_t arch_time_left(const struct arch_wait *wait)
{
	switch (wait->number) {
	case SYS_nanosleep:
		return wait->args[1];
	case SYS_ppoll:
		return wait->args[2];
	case SYS_clock_nanosleep: /* nothing is left of an absolute time */
		return wait->args[1] & TIMER_ABSTIME ? 0 : wait->args[3];
	case SYS_select:
	case SYS_pselect6:
		return wait->args[4];
	default:
		return 0;
	}
}

enum arch_interrupted arch_interrupted(const struct arch_regs *regs)
{
	if ((int64_t)regs->user.orig_rax < 0)
		return ARCH_NOT_IN_SYSCALL;
	switch (-(int64_t)regs->user.rax) {
	case KERNEL_ERESTARTSYS:
	case KERNEL_ERESTARTNOINTR:
		return ARCH_RESTARTS;
	case KERNEL_ERESTART_RESTARTBLOCK:
		return ARCH_RESUMES;
	case KERNEL_ERESTARTNOHAND: /* arch_regs_restart() leaves it so too */
		return ARCH_EINTR;
	case EINTR:
		if (find_wait((int64_t)regs->user.orig_rax) < ARRAY_SIZE(waits))
			return ARCH_EINTR;
		return ARCH_SYSCALL_DONE;
	default:
		return ARCH_SYSCALL_DONE;
	}
}

bool arch_waits(const struct arch_regs *regs)
{
	enum arch_interrupted how = arch_interrupted(regs);

	return how == ARCH_RESTARTS || how == ARCH_RESUMES || how == ARCH_EINTR;
}

bool arch_left_wait(const struct arch_regs *regs)
{
	const struct arch_wait wait = arch_wait_of(regs);
	bool timed;

	return arch_interrupted(regs) == ARCH_SYSCALL_DONE &&
	       wait.number != SYS_futex && !arch_is_resumption(wait.number) &&
	       arch_wait_class(&wait, &timed) != ARCH_WAIT_UNKNOWN;
}

bool arch_waits_restarted(const struct arch_regs *regs)
{
	const struct arch_wait wait = arch_wait_of(regs);
	bool timed;

	if (arch_interrupted(regs) != ARCH_EINTR ||
	    -(int64_t)regs->user.rax != EINTR)
		return false;
	/* A call that is otherwise exact: the socket has a time-out of its own,
	 * which is not among the arguments. */
	return arch_wait_class(&wait, &timed) != ARCH_WAIT_RESTARTED || timed;
}

bool arch_same_place(const struct arch_regs *before,
		     const struct arch_regs *now)
{
	struct arch_regs as_before = *now;

	if (arch_interrupted(before) == ARCH_RESUMES &&
	    arch_interrupted(now) == ARCH_RESUMES &&
	    now->user.orig_rax == SYS_restart_syscall)
		as_before.user.orig_rax = before->user.orig_rax;
	return !memcmp(before, &as_before, sizeof(as_before));
}

struct arch_regs arch_regs_reenter(const struct arch_regs *saved)
{
	struct arch_regs regs = *saved;

	/* At an entry stop the kernel takes the number of the call to execute
	 * from orig_rax, after the tracer has changed it
	 * (kernel/entry/common.c, syscall_trace_enter()). */
	if (arch_interrupted(saved) == ARCH_RESUMES)
		regs.user.orig_rax = SYS_restart_syscall;
	regs.user.rax = (unsigned long long)-ENOSYS;
	return regs;
}

enum { SYSCALL_INSTRUCTION_LEN = 2 }; /* 0f 05 */

struct arch_regs arch_regs_reissue(const struct arch_regs *regs)
{
	struct arch_regs again = *regs;

	again.user.rip -= SYSCALL_INSTRUCTION_LEN;
	again.user.rax = again.user.orig_rax;
	again.user.orig_rax = (unsigned long long)-1;
	return again;
}

bool arch_is_reissued(const struct arch_regs *now,
		      const struct arch_regs *saved)
{
	const struct arch_regs again = arch_regs_reissue(saved);
	const struct user_regs_struct *a = &now->user, *b = &again.user;

	return a->orig_rax == b->orig_rax && a->rip == b->rip &&
	       a->rsp == b->rsp && a->rax == b->rax && a->rdi == b->rdi &&
	       a->rsi == b->rsi && a->rdx == b->rdx && a->r10 == b->r10 &&
	       a->r8 == b->r8 && a->r9 == b->r9;
}

/* arch/x86/kernel/signal.c, arch_do_signal_or_restart() and handle_signal(),
 * read orig_rax and rax after the stop. */
struct arch_regs arch_regs_restart(const struct arch_regs *regs)
{
	struct arch_regs again = *regs;

	again.user.rax = (unsigned long long)-KERNEL_ERESTARTNOHAND;
	return again;
}

struct arch_regs arch_regs_interrupt_sleep(const struct arch_regs *regs)
{
	struct arch_regs woken = *regs;

	woken.user.rax = (unsigned long long)-EINTR;
	woken.user.orig_rax = (unsigned long long)-1;
	return woken;
}

struct arch_regs arch_regs_end_sleep(const struct arch_regs *regs)
{
	struct arch_regs over = *regs;

	over.user.orig_rax = SYS_getpid;
	return over;
}

struct arch_regs arch_regs_replace(const struct arch_regs *regs, long number,
				   const uint64_t args[6])
{
	struct arch_regs other = *regs;

	other.user.orig_rax = (unsigned long long)number;
	other.user.rdi = args[0];
	other.user.rsi = args[1];
	other.user.rdx = args[2];
	other.user.r10 = args[3];
	other.user.r8 = args[4];
	other.user.r9 = args[5];
	return other;
}

struct arch_regs arch_regs_replaced(const struct arch_regs *regs,
				    const struct arch_regs *entry)
{
	struct arch_regs as_before = *regs;

	as_before.user.rdi = entry->user.rdi;
	as_before.user.rsi = entry->user.rsi;
	as_before.user.rdx = entry->user.rdx;
	as_before.user.r10 = entry->user.r10;
	as_before.user.r8 = entry->user.r8;
	as_before.user.r9 = entry->user.r9;
	return as_before;
}

uint64_t arch_created_path(uint64_t number, const uint64_t args[6])
{
	switch (number) {
	case SYS_creat:
		return args[0];
	case SYS_open:
		return args[1] & O_CREAT ? args[0] : 0;
	case SYS_openat:
		return args[2] & O_CREAT ? args[1] : 0;
	default:
		return 0;
	}
}

bool arch_is_sleep(uint64_t number)
{
	return number == SYS_nanosleep || number == SYS_clock_nanosleep;
}

bool arch_sleeps(const struct arch_regs *regs)
{
	/* An earlier interrupt has made the number that of restart_syscall. */
	return arch_interrupted(regs) == ARCH_RESUMES &&
	       (arch_is_sleep(regs->user.orig_rax) ||
		regs->user.orig_rax == SYS_restart_syscall);
}

bool arch_is_sigreturn(uint64_t number)
{
	return number == SYS_rt_sigreturn;
}
