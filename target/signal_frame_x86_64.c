/*
 * x86-64: struct rt_sigframe (linux, arch/x86/include/asm/sigframe.h): the
 * address that the handler returns to, a ucontext, a siginfo. Above it is the
 * extended state, in the next 64-byte aligned place that the frame leaves room
 * for, and the frame itself is aligned as a stack is at a function's first
 * instruction (arch/x86/kernel/signal.c, get_sigframe()). So the ucontext's
 * pointer to the extended state is always by the same number higher than the
 * frame; where the kernel writes with it how much of it there is
 * (arch/x86/kernel/fpu/signal.c, save_sw_bytes()), any distance will do.
 */
#include "target/signal_frame.h"

#include <errno.h>
#include <string.h>
#include <sys/ucontext.h>

enum {
	FRAME_ALIGN = 16,
	FRAME_OFFSET =
		8,	/* from an aligned address: a return address is there */
	CONTEXT = 8,	/* offset of the ucontext in the frame */
	EXTENDED = 456, /* offset of the extended state from the frame on */
	EXTENDED_ALIGN = 64,
	MAGIC = 464, /* offset of magic1 in the extended state */
	/* GDT entry 6 (asm/segment.h, __USER_CS), and Xen's for a guest without
	 * an own kernel mode (xen/arch-x86/xen-x86_64.h, FLAT_RING3_CS64). */
	SELECTOR_CODE = 0x33,
	SELECTOR_CODE_XEN = 0xe033,
	MAGIC1 = 0x46505853, /* asm/sigcontext.h: FP_XSTATE_MAGIC1 */
	SYSCALL_SIZE = 2,    /* bytes of the instruction */
	/* Set in one of the two by debug exceptions. */
	FLAGS_OF_TRAPS = 1 << 8 | 1 << 16,
};

/* Where register @number of the context is in the frame. */
static size_t place_of(int number)
{
	return CONTEXT + offsetof(ucontext_t, uc_mcontext.gregs) +
	       (size_t)number * sizeof(greg_t);
}

static uint64_t word_at(const struct thread_copy *copy, size_t offset)
{
	uint64_t word;

	memcpy(&word, copy->bytes + offset, sizeof(word));
	return word;
}

static uint64_t reg(const struct thread_copy *copy, size_t frame, int number)
{
	return word_at(copy, frame + place_of(number));
}

static bool has_magic(const struct thread_copy *copy, uint64_t extended)
{
	uint64_t offset = extended - copy->regs.sp;
	uint32_t magic;

	if (extended % EXTENDED_ALIGN || offset >= copy->len ||
	    copy->len - offset < MAGIC + sizeof(magic))
		return false;
	memcpy(&magic, copy->bytes + offset + MAGIC, sizeof(magic));
	return magic == MAGIC1;
}

static bool is_frame(const struct thread_copy *copy, size_t offset)
{
	const uint64_t at = copy->regs.sp + offset;
	const uint16_t code = (uint16_t)reg(copy, offset, REG_CSGSFS);
	uint64_t extended;

	if (code != SELECTOR_CODE && code != SELECTOR_CODE_XEN)
		return false;
	extended =
		word_at(copy, offset + CONTEXT +
				      offsetof(ucontext_t, uc_mcontext.fpregs));
	return extended == at + EXTENDED || has_magic(copy, extended);
}

/* A system call leaves PC and flags in rcx and r11 (Intel's manual, SYSCALL).
 * The PC is then behind the instruction, or at it again (linux,
 * arch/x86/kernel/signal.c, handle_signal()). */
static bool is_at_call(const struct thread_copy *copy, size_t frame)
{
	const uint64_t pc = reg(copy, frame, REG_RIP);
	const uint64_t returns_to = reg(copy, frame, REG_RCX);
	const uint64_t flags = reg(copy, frame, REG_EFL) ^
			       reg(copy, frame, REG_R11);

	if (flags & ~(uint64_t)FLAGS_OF_TRAPS)
		return false;
	return pc + SYSCALL_SIZE == returns_to ||
	       (pc == returns_to &&
		reg(copy, frame, REG_RAX) == (uint64_t)-EINTR);
}

bool signal_frame_next(const struct thread_copy *copy, size_t *offset,
		       struct signal_frame *ret)
{
	size_t i = *offset;

	while ((copy->regs.sp + i) % FRAME_ALIGN != FRAME_OFFSET)
		i++;
	for (; i + EXTENDED <= copy->len; i += FRAME_ALIGN) {
		if (!is_frame(copy, i))
			continue;
		*ret = (struct signal_frame){
			.at = copy->regs.sp + i,
			.pc = reg(copy, i, REG_RIP),
			.sp = reg(copy, i, REG_RSP),
			.at_call = is_at_call(copy, i),
		};
		*offset = i + FRAME_ALIGN;
		return true;
	}
	return false;
}
