/**
 * @file final_checks.h - the last checks of a thread that is stopped for use.
 */
#ifndef ATTACH_FINAL_CHECKS_H
#define ATTACH_FINAL_CHECKS_H

#include "attach/borrow_request.h"
#include "attach/candidates.h"
#include "attach/sample.h"
#include "base/verdict.h"

/** Thread @c was proved safe in state @before: checks that it still is in state
 *  @now, in which it is held. VERDICT_USABLE; VERDICT_INSIDE when it has moved
 *  to unsafe code; VERDICT_NOT_NOW. */
struct verdict final_checks(const struct borrow_request *request,
			    const struct candidate *c,
			    const struct sample *before,
			    const struct sample *now);

#endif
