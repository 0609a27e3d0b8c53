/**
 * @file final_checks.h - the last look at a thread that is stopped for use.
 */
#ifndef ATTACH_FINAL_CHECKS_H
#define ATTACH_FINAL_CHECKS_H

#include "attach/borrow_request.h"
#include "attach/candidates.h"
#include "attach/sample.h"
#include "base/verdict.h"

/** Thread @c was proved safe as it was @before: is it, as it is @now, while it
 *  is held? VERDICT_USABLE; VERDICT_INSIDE when it has moved to unsafe code;
 *  VERDICT_NOT_NOW. */
struct verdict final_checks(const struct borrow_request *request,
			    const struct candidate *c,
			    const struct sample *before,
			    const struct sample *now);

#endif
