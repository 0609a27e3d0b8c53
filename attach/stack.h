/**
 * @file stack.h - a copy of a stopped thread: its registers and the used part
 * of its stack. What is proved of it, is proved on the copy, while the thread
 * runs on.
 */
#ifndef ATTACH_STACK_H
#define ATTACH_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/arch.h"
#include "attach/tracee.h"
#include "proc/maps.h"

/** The part of the address space that is a thread's stack. */
struct stack_bounds {
	uint64_t low;  /* first address of its mapping */
	uint64_t high; /* exclusive: end of the frames */
	bool grows;    /* the kernel extends it downwards: the main thread's */
};

struct stack_copy {
	struct arch_regs regs;
	struct stack_bounds bounds;
	uint64_t sp;	      /* address of bytes[0] */
	unsigned char *bytes; /* owned */
	size_t len;	      /* up to bounds.high */
};

/**
 * Where the stack of a thread of process t->pid is that has @regs. The main
 * thread's is "[stack]"; that of others has their control block (thread
 * pointer) above SP in the same mapping, as glibc and musl lay it out.
 * HS_ERROR_UNSAFE when SP is elsewhere: a fiber, a goroutine, an alternate
 * signal stack.
 */
struct hs_error *stack_find(const struct tracee *t,
			    const struct arch_regs *regs,
			    const struct maps *maps,
			    struct stack_bounds *ret) hs_must_check;

/** Copies stopped thread @t. HS_ERROR_UNSAFE also when more than 1 MiB of the
 *  stack is in use: to copy it would stop the thread too long.
 *  stack_copy_release(). */
struct hs_error *stack_copy(const struct tracee *t, const struct maps *maps,
			    struct stack_copy *ret) hs_must_check;

void stack_copy_release(struct stack_copy *copy);

/** Same registers and same stack. */
bool stack_copy_equal(const struct stack_copy *a, const struct stack_copy *b);

/** Bytes that are free below SP. */
uint64_t stack_room(const struct stack_copy *copy);

#endif
