/**
 * @file left.h - what processes have left at their ends, as a report.
 */
#ifndef REPORT_LEFT_H
#define REPORT_LEFT_H

#include "base/error.h"
#include "launch/folder.h"
#include "options/options.h"

/**
 * Reports the dumps of @dumps on stderr, or to the file of @o: as text each
 * process that left something by itself, in the other formats all together. A
 * line for each, or one for all, goes to stderr in any case. Gives up its
 * rights before (report/confinement.h). @command: which of them is the
 * command's, whose children have inherited what it had. HS_ERROR_GREW when more
 * is left than @o allows.
 */
struct hs_error *left_report(const struct launch_dumps *dumps, pid_t command,
			     const struct cli_options *o) hs_must_check;

#endif
