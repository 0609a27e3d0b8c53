/**
 * @file frame.h - a call that is injected, and the stack that it returns into.
 * frame_<machine>.c implements it.
 */
#ifndef ATTACH_FRAME_H
#define ATTACH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/arch.h"
#include "base/code_map.h"
#include "base/error.h"

/** A call to inject: a function, or with number >= 0 a system call (made by the
 *  target's syscall(2), arguments 0 to 4).
 *  @bare: by a system call instruction instead, so that errno stays as it is;
 *  only as the first call since the thread was stopped. @function is then its
 *  address. */
struct arch_call {
	uint64_t function;
	int64_t number;
	bool bare;
	uint64_t args[6];
};

/** The stack of an injected call. */
struct arch_frames {
	uint64_t sp;	       /* stack pointer at the first instruction */
	uint64_t base;	       /* address of image[0]; base <= sp */
	unsigned char *image;  /* owned: to be written to base */
	size_t len;	       /* bytes */
	uint64_t sigreturn_sp; /* SP at the entry stop of the rt_sigreturn that
				  the last function returns into */
};

enum { ARCH_THEN_MAX = 4 };

/** What a thread runs after an injected call by itself: functions, each called
 *  by the rt_sigreturn(2) that the one before returns into, and system calls,
 *  which are only for one that is left alone. */
struct arch_then {
	const struct arch_call *calls; /* borrowed; n <= ARCH_THEN_MAX */
	size_t n;
	uint64_t mask; /* signals that are blocked meanwhile */
};

/**
 * Builds the stack of a call below address @top (any alignment): what the call
 * returns into. Left alone, the thread runs the call, then @then, and then has
 * the state of @saved, by rt_sigreturn(2) over a frame as the kernel itself
 * makes it for a signal. A system call that was interrupted is issued again;
 * one with a restart block fails with EINTR, since rt_sigreturn clears the
 * block.
 * @result: the return value is carried in entry->result_register.
 */
struct hs_error *arch_frames_build(const struct arch_state *saved,
				   const struct entry_points *entry,
				   uint64_t top, bool result,
				   const struct arch_then *then,
				   struct arch_frames *ret) hs_must_check;
void arch_frames_release(struct arch_frames *frames);

/** Upper bound of the bytes that arch_frames_build() needs below top: of
 *  @saved, and of any thread on this machine. */
size_t arch_frames_size(const struct arch_state *saved);
size_t arch_frames_bound(void);

/** Bytes below SP that belong to the interrupted function. */
extern const size_t arch_red_zone;

/** Registers that begin @call, a function or bare, on the stack @frames.
 * @at_entry: the thread is at the entry stop of a system call, which is
 * replaced by getpid(2) then. */
struct arch_regs arch_regs_call(const struct arch_regs *saved,
				const struct arch_frames *frames,
				const struct arch_call *call, bool at_entry);

/** The call's return value (the low 32 bits, as an int) at rt_sigreturn's
 *  entry stop. Only with a result gadget. */
int arch_call_result(const struct arch_regs *regs,
		     enum code_result_register where);

#endif
