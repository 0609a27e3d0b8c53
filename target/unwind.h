/**
 * @file unwind.h - the second witness: the frames of a copied thread.
 *
 * libunwind over accessors that read the copy, so that the thread need not be
 * stopped. It guesses where it has no unwind information and reports the end
 * of the stack then; so each frame must have a real entry in its module's
 * .eh_frame, which is read from the target's memory (right also for deleted
 * files, other mount namespaces and the vdso). It is found by the module's
 * .eh_frame_hdr or, where there is none, by what the code_map knows.
 */
#ifndef TARGET_UNWIND_H
#define TARGET_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/code_map.h"
#include "attach/stack.h"
#include "base/error.h"
#include "proc/maps.h"

enum { UNWIND_DEPTH = 256 };

struct unwind {
	uint64_t pcs[UNWIND_DEPTH]; /* innermost first */
	size_t n;
	bool complete;	 /* each frame had unwind information, the stack pointer
			    grew, and the last one says that it is the root */
	const char *why; /* not complete: the reason, static */
};

/** Unwinds @copy of a thread of process @pid. Of @code only the frames are
 *  asked for. Not to get to the root is no error. */
struct hs_error *unwind_stack(pid_t pid, const struct stack_copy *copy,
			      const struct maps *maps,
			      const struct code_frames *frames,
			      struct unwind *ret) hs_must_check;

#endif
