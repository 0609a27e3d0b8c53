/**
 * @file arch.h - the CPU-specific interface: registers and interrupted system
 * calls. arch_<machine>.c implements it; injected calls are in attach/frame.h.
 */
#ifndef ATTACH_ARCH_H
#define ATTACH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "base/error.h"
#include "base/thread_copy.h"

/** General registers, as PTRACE_GETREGSET NT_PRSTATUS returns them. */
struct arch_regs {
	struct user_regs_struct user;
};

/** The state of a thread that an injected call may change. */
struct arch_state {
	struct arch_regs regs;
	unsigned char *extended; /* owned: vector and FPU registers, as the
				    kernel's regset has them */
	size_t extended_len;
	uint64_t signal_mask; /* bit n-1: signal n is blocked */
};

/** Reads the state of stopped thread @tid. arch_state_release(). */
struct hs_error *arch_state_get(pid_t tid,
				struct arch_state *ret) hs_must_check;
void arch_state_release(struct arch_state *state);

struct hs_error *arch_regs_get(pid_t tid, struct arch_regs *ret) hs_must_check;
struct hs_error *arch_regs_set(pid_t tid,
			       const struct arch_regs *regs) hs_must_check;
struct hs_error *arch_extended_set(pid_t tid,
				   const struct arch_state *s) hs_must_check;
struct hs_error *arch_signal_mask_get(pid_t tid, uint64_t *ret) hs_must_check;
struct hs_error *arch_signal_mask_set(pid_t tid, uint64_t mask) hs_must_check;

uint64_t arch_pc(const struct arch_regs *regs);
uint64_t arch_sp(const struct arch_regs *regs);
/** Address of the thread's control block (fs base, tpidr_el0). */
uint64_t arch_thread_pointer(const struct arch_regs *regs);

/** Converts @regs to the form that an unwinder takes. */
void arch_thread_registers(const struct arch_regs *regs,
			   struct thread_registers *ret);

/** What an interrupt did to the system call that the thread was in. */
enum arch_interrupted {
	ARCH_NOT_IN_SYSCALL,
	ARCH_SYSCALL_DONE, /* it has a result of its own */
	ARCH_RESTARTS,	   /* the kernel would restart it, as if new */
	ARCH_RESUMES,	   /* the kernel would go on with it by
			      restart_syscall(2): the time left is kept */
	ARCH_EINTR,	   /* it fails with EINTR: when a handler is to run, or
			      always (it never restarts by itself, signal(7)).
			      With no handler we must issue it again */
};

enum arch_interrupted arch_interrupted(const struct arch_regs *regs);

/** The thread of @regs was waiting in a system call when it was stopped, and
 *  will wait on: it neither runs nor has just left a call. */
bool arch_waits(const struct arch_regs *regs);

/** The thread has just left a system call that threads wait in, but for those
 *  of locks, and has not seen its result. */
bool arch_left_wait(const struct arch_regs *regs);

/** The thread waits, but the stop ended its call with EINTR: issued again, its
 *  time-out starts over. False for a call without time-out. */
bool arch_waits_restarted(const struct arch_regs *regs);

/** How the kernel continues an interrupted system call. */
enum arch_wait_class {
	ARCH_WAIT_EXACT,     /* as if nothing had happened */
	ARCH_WAIT_RESTARTED, /* issued again, with a new time-out: epoll_wait */
	ARCH_WAIT_UNKNOWN,
};

/** A system call that a thread waits in. */
struct arch_wait {
	int64_t number;
	uint64_t args[6];
};

/** The call that the thread of @regs was stopped in. */
struct arch_wait arch_wait_of(const struct arch_regs *regs);

enum { ARCH_CALL_CODE = 7 }; /* bytes of code that tell a call's number */

/** Number of the system call that @code makes, the ARCH_CALL_CODE bytes before
 *  the PC of a thread that is in one; -1: they do not say. */
int64_t arch_call_of_code(const unsigned char code[ARCH_CALL_CODE]);
/** @code ends in a system call. */
bool arch_code_calls(const unsigned char code[ARCH_CALL_CODE]);

/** @number is restart_syscall(2): by it the kernel goes on with an interrupted
 *  call, at the same instruction and with the same arguments in registers. */
bool arch_is_resumption(int64_t number);

/** Class of @wait; *timed: it has a time-out. */
enum arch_wait_class arch_wait_class(const struct arch_wait *wait, bool *timed);

/** @wait is, or may continue, a wait for a lock: allocators and dynamic linkers
 *  wait in no other that arch_wait_class() knows. */
bool arch_wait_is_lock(const struct arch_wait *wait);

enum { ARCH_TIME_LEFT = 16 }; /* bytes: a struct timespec or timeval */

/** Address of the ARCH_TIME_LEFT bytes into which the kernel writes what is
 *  left of the time-out when it interrupts @wait; 0: nowhere. */
uint64_t arch_time_left(const struct arch_wait *wait);

/** Both were stopped in the same call at the same place, though the kernel may
 *  already go on with it by restart_syscall(2) in @now. */
bool arch_same_place(const struct arch_regs *before,
		     const struct arch_regs *now);

/**
 * Registers that restore a thread at the entry stop of an injected
 * rt_sigreturn: instead of the sigreturn, the thread enters the interrupted
 * system call of @saved again (or continues it, ARCH_RESUMES), so that a signal
 * that came meanwhile interrupts the call as usual. Only for @saved in
 * ARCH_RESTARTS or ARCH_RESUMES; in all other cases the sigreturn itself
 * restores the thread. (Not for ARCH_EINTR: PTRACE_DETACH itself counts as a
 * signal until the thread has been in user mode, kernel/ptrace.c,
 * __ptrace_unlink().)
 *
 * We never skip a call by the number -1: the kernel would then ask the tracee's
 * seccomp filter about it (kernel/entry/common.c, syscall_trace_enter()), and
 * filters end a process for numbers that they do not know.
 */
struct arch_regs arch_regs_reenter(const struct arch_regs *saved);

/**
 * Registers of a thread in a system call that ended with EINTR because of us
 * (ARCH_EINTR), for a stop on its way out of the kernel (by an interrupt or a
 * signal; not the entry or exit stop of a call). The kernel reads them when the
 * thread continues: it issues the call again, or ends it with EINTR, as ever,
 * if a signal with a handler has come by then.
 */
struct arch_regs arch_regs_restart(const struct arch_regs *regs);

/** The same for a signal frame: the thread issues the call again from user
 *  mode. The handler of an earlier signal runs before the call, not within. */
struct arch_regs arch_regs_reissue(const struct arch_regs *regs);

/** @now are what arch_regs_reissue(@saved) gave: the thread is about to issue
 * the call again. */
bool arch_is_reissued(const struct arch_regs *now,
		      const struct arch_regs *saved);

/** Registers of a thread at the entry stop of a sleep, as if the sleep had
 *  failed with EINTR. For the saved state of a signal frame. */
struct arch_regs arch_regs_interrupt_sleep(const struct arch_regs *regs);

/** Registers of a thread at the entry stop of a sleep, that replace the sleep
 *  by a call that does nothing: the sleep ends. */
struct arch_regs arch_regs_end_sleep(const struct arch_regs *regs);

/** Registers of a thread at the entry stop of a system call, that replace the
 *  call by another one: the kernel reads number and arguments when the thread
 * goes on, and asks seccomp filters about those (kernel/entry/common.c,
 *  syscall_trace_enter()). */
struct arch_regs arch_regs_replace(const struct arch_regs *regs, long number,
				   const uint64_t args[6]);

/** @regs of the exit stop of the call that replaced another one, with the
 *  arguments of the other one, @entry: a system call changes none. */
struct arch_regs arch_regs_replaced(const struct arch_regs *regs,
				    const struct arch_regs *entry);

/** The address of the path in @args, if system call @number creates a file; 0:
 *  it does not. */
uint64_t arch_created_path(uint64_t number, const uint64_t args[6]);

/** Name of system call @number, if threads wait in it; NULL: another call. */
const char *arch_syscall_name(int64_t number);

/** @number is a system call that sleep(3) waits in. */
bool arch_is_sleep(uint64_t number);
/** The thread of @regs, stopped by an interrupt, sleeps in such a call. */
bool arch_sleeps(const struct arch_regs *regs);
bool arch_is_sigreturn(uint64_t number);

/** System call numbers that helper threads use. */
struct arch_syscalls {
	long close, creat, exit, fcntl, mmap, prctl, memfd_create, unlinkat,
		sigprocmask;
};
extern const struct arch_syscalls arch_syscalls;

#endif
