/**
 * @file stack.h - finds the stack of a stopped thread, and copies it.
 */
#ifndef ATTACH_STACK_H
#define ATTACH_STACK_H

#include "attach/arch.h"
#include "attach/tracee.h"
#include "base/thread_copy.h"
#include "proc/maps.h"

/**
 * Finds the stack of thread @t, which has @regs: private memory that it may
 * write to. The main thread's is
 * "[stack]"; that of others has their control block (thread pointer) above SP
 * in the same mapping, as glibc and musl lay it out. HS_ERROR_UNSAFE when SP is
 * elsewhere: a fiber, a goroutine, an alternate signal stack.
 */
struct hs_error *stack_find(const struct tracee *t,
			    const struct arch_regs *regs,
			    const struct maps *maps,
			    struct stack_bounds *ret) hs_must_check;

/** Copies stopped thread @t, and all of its registers to *regs. HS_ERROR_UNSAFE
 *  also when more than 1 MiB of the stack is in use: copying it would stop the
 *  thread too long. thread_copy_release(). */
struct hs_error *stack_copy(const struct tracee *t, const struct maps *maps,
			    struct arch_regs *regs,
			    struct thread_copy *ret) hs_must_check;

#endif
