/**
 * @file final_checks.h - the last checks of a thread that is stopped for use.
 */
#ifndef ATTACH_FINAL_CHECKS_H
#define ATTACH_FINAL_CHECKS_H

#include "attach/borrow_request.h"
#include "attach/candidates.h"
#include "attach/evidence.h"
#include "attach/sample.h"
#include "base/verdict.h"

/**
 * Checks thread @c in state @now, in which it is held. It was proved safe in
 * state @before, or not yet (NULL; then it has no seccomp filters). It may be
 * used (VERDICT_USABLE) when
 *
 * - it is still the same; or
 * - no word on its stack points into unsafe code, no signal came where it may
 *   be inside of some, and it was proved safe in state @before; or
 * - it stands at a system call as it stood lately (@evidence), with the same
 *   frames, of which none is in unsafe code.
 *
 * Otherwise VERDICT_INSIDE or VERDICT_NOT_NOW.
 */
struct verdict final_checks(const struct borrow_request *request,
			    const struct candidate *c,
			    const struct sample *before,
			    const struct evidence *evidence,
			    const struct sample *now);

#endif
