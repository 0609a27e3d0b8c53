/**
 * @file findings.h - the results that a check has collected so far.
 */
#ifndef MALLCTL_FINDINGS_H
#define MALLCTL_FINDINGS_H

#include "base/error.h"
#include "heap/check_report.h"
#include "proc/maps.h"

struct check {
	struct check_report report; /* without names, verdict and status */
	struct hs_error *verdict;   /* owned: how a run would fail; NULL: not */
	struct maps maps;	    /* as of when the threads were sampled */
};

/** Zero-initialised is fine. */
void check_release(struct check *check);

/** Adds an item; @fmt is the reason. Fails only when memory runs out. */
struct hs_error *check_add(struct check *check, const char *name,
			   enum check_answer answer, const char *fmt, ...)
	hs_printf(4, 5) hs_must_check;

/** Adds a CHECK_NO with the message and hint of @why (taken), which becomes the
 *  verdict if it is the first. */
struct hs_error *check_add_no(struct check *check, const char *name,
			      struct hs_error *why) hs_must_check;

/** Adds a CHECK_WARNING with the message and hint of @why (taken). */
struct hs_error *check_add_warning(struct check *check, const char *name,
				   struct hs_error *why) hs_must_check;

#endif
