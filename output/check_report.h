/**
 * @file check_report.h - what `heapsnap check' prints.
 */
#ifndef OUTPUT_CHECK_REPORT_H
#define OUTPUT_CHECK_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "names/address_names.h"
#include "mallctl/check.h"
#include "output/text.h"
#include "proc/identity.h"

/** What was found, and of whom. All borrowed. */
struct check_report {
	const struct identity *id;
	const struct check *check;
	struct check_names *names; /* of the threads' frames */
	int status;		   /* with which heapsnap will exit */
};

/** For people; of @o it is only the color that matters. */
struct hs_error *check_report_text(FILE *f, const struct check_report *r,
				   const struct text_options *o) hs_must_check;

/** For programs: kind "check" of schema "heapsnap/1". */
struct hs_error *check_report_json(FILE *f,
				   const struct check_report *r) hs_must_check;

/** "sleeps in poll", "runs": what thread @t did. */
void check_report_activity(struct strbuf *sb, const struct check_thread *t);

#endif
