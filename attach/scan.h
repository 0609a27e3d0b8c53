/**
 * @file scan.h - the proof that a thread is inside no unsafe code.
 *
 * A function that a thread is inside of has left a return address on its
 * stack, or is where the PC is. So when neither the PC nor any word between SP
 * and the stack's end points into unsafe code, the thread is not inside it. No
 * unwind information is needed; stale words can only cause false alarms.
 */
#ifndef ATTACH_SCAN_H
#define ATTACH_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/code.h"
#include "attach/stack.h"

struct scan_hit {
	const struct code_range *range;
	uint64_t word; /* the address that points into it */
	uint64_t at;   /* where it is on the stack; 0: it is the PC */
};

/** True when @copy is clean. Else *hit tells the first word that is not.
 *  @blocked: the thread waits in a system call (CODE_RUNNING ranges do not
 *  count then). */
bool scan_stack(const struct stack_copy *copy, const struct code_map *code,
		bool blocked, struct scan_hit *hit);

#endif
