/**
 * @file findings.h - what a check has found so far.
 */
#ifndef MALLCTL_FINDINGS_H
#define MALLCTL_FINDINGS_H

#include "base/error.h"
#include "heap/check_report.h"
#include "proc/maps.h"

struct check {
	struct check_report report; /* without names, verdict and status */
	struct hs_error *verdict;   /* owned: as a run would end; NULL: well */
	struct maps maps;	    /* of the time of the threads */
};

/** Zero-initialised is fine. */
void check_release(struct check *check);

/** Adds an item; @fmt is the reason. Memory that runs out is an error. */
struct hs_error *check_add(struct check *check, const char *name,
			   enum check_answer answer, const char *fmt, ...)
	hs_printf(4, 5) hs_must_check;

/** Adds a CHECK_NO with the message and hint of @why (taken), which becomes the
 *  verdict if it is the first. */
struct hs_error *check_add_no(struct check *check, const char *name,
			      struct hs_error *why) hs_must_check;

#endif
