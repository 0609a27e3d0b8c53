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

#include "base/code_map.h"
#include "base/error.h"
#include "base/judge.h"

/** Unwinds the copy of @c. @frames: of files without .eh_frame_hdr. Not to get
 *  to the root is no error. */
struct hs_error *unwind_stack(const struct judge_case *c,
			      const struct code_frames *frames,
			      struct unwind *ret) hs_must_check;

#endif
