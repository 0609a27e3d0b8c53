/**
 * @file scan.h - proves that a thread is inside no unsafe code.
 *
 * A function that a thread is inside of has a return address on its stack, or
 * the PC. So when neither the PC nor any word between SP and the stack's end
 * points into unsafe code, the thread is not inside it. No unwind information
 * is needed; stale words can only cause false alarms.
 */
#ifndef TARGET_SCAN_H
#define TARGET_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/code_map.h"
#include "base/thread_copy.h"

struct scan_hit {
	const struct code_range *range; /* NULL, of scan_signals() only: a
					   signal is handled on another stack */
	uint64_t word;			/* an address in it */
	uint64_t at; /* where it is on the stack; 0: it is the PC */
};

/** True when @copy is clean. Else *hit is the first word that is not. @at_call:
 *  the thread stands at a system call (CODE_RUNNING and CODE_RUNNING_PC ranges
 *  do not count then). */
bool scan_stack(const struct thread_copy *copy, const struct unsafe_code *code,
		bool at_call, struct scan_hit *hit);

/**
 * True when no signal came to the thread of @copy where it may be inside of
 * unsafe code. @copy must be clean by scan_stack(). That misses two things: of
 * libc only the PC tells, and only of a thread that runs, as it did when the
 * signal came; and where a handler is on an alternate stack, the frames of what
 * it came into may lie where no copy of that stack begins (then hit->range is
 * NULL). *any: the stack has signal frames, which may be old ones.
 */
bool scan_signals(const struct thread_copy *copy,
		  const struct unsafe_code *code, bool *any,
		  struct scan_hit *hit);

/**
 * True when no frame of a complete @unwind is inside of unsafe code, of a thread
 * that stands at a system call. It is more exact than scan_stack() for a thread
 * with stale words on its stack (a large array that was never written has old
 * ones), and less safe for one that holds a lock which its frames do not show.
 */
bool scan_frames(const struct unwind *unwind, const struct unsafe_code *code);

#endif
