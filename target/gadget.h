/**
 * @file gadget.h - pieces of the target's own code that injected calls return
 * through. Nothing is ever written into the target's code. One file a CPU.
 */
#ifndef TARGET_GADGET_H
#define TARGET_GADGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/code_map.h"

enum gadget_kind {
	GADGET_SIGRETURN, /* issues rt_sigreturn: libc's signal trampoline */
	GADGET_SYSCALL_RETURN, /* system call instruction, then return */
	GADGET_RESULT,	       /* copies the C return value to a register that
				  rt_sigreturn's entry leaves alone, then returns */
};

/**
 * Offset of the first gadget of @kind in @text[from..len), or SIZE_MAX. For
 * GADGET_RESULT *reg is the register; else *reg is not touched (may be NULL).
 */
size_t gadget_find(enum gadget_kind kind, const unsigned char *text, size_t len,
		   size_t from, enum code_result_register *reg);

enum {
	GADGET_CALL_MAX = 7, /* bytes of the longest call, prefixes aside */
};

/** Whether the last bytes of @text[0..len) may be a call. Only then is the
 *  address behind them a return address. */
bool gadget_may_end_in_call(const unsigned char *text, size_t len);

#endif
