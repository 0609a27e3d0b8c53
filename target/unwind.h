/**
 * @file unwind.h - unwinds a copied thread, as a check of the scan.
 *
 * Runs libunwind over accessors that read the copy, so that the thread need not
 * be stopped. Without unwind information libunwind guesses, and then reports
 * the end of the stack; so each frame must have a real entry in its module's
 * .eh_frame. That is read from the target's memory (right also for deleted
 * files, other mount namespaces and the vdso), and found by the module's
 * .eh_frame_hdr or, where there is none, by the code_map.
 */
#ifndef TARGET_UNWIND_H
#define TARGET_UNWIND_H

#include "base/code_map.h"
#include "base/error.h"
#include "base/judge.h"

/** Unwinds the copy of @c. @frames: of files without .eh_frame_hdr. It is no
 *  error when the walk does not reach the root. */
struct hs_error *unwind_stack(const struct judge_case *c,
			      const struct code_frames *frames,
			      struct unwind *ret) hs_must_check;

#endif
