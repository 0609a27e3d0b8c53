/**
 * @file check.h - the report of a check, also for a snapshot's --dry-run.
 */
#ifndef CLI_CMD_CHECK_H
#define CLI_CMD_CHECK_H

#include <stddef.h>

#include "base/error.h"
#include "heap/check_report.h"
#include "mallctl/findings.h"
#include "options/options.h"
#include "proc/identity.h"

/** Checks process @id and writes the report. When it cannot be snapshotted, the
 *  error with which a snapshot would end. */
struct hs_error *check_of(const struct identity *id,
			  const struct cli_options *o) hs_must_check;

/** Checks process @id; *check is empty, check_release() in any case. Its report
 *  is ready to be written. */
struct hs_error *check_prepare(const struct identity *id,
			       const struct cli_options *o,
			       struct check *check) hs_must_check;

/** Writes to file @path all that is known of the @n checked processes, one
 * after the other. To be called before anything is printed: the file is there
 * also when that fails. */
struct hs_error *check_write_dossiers(const char *path,
				      const struct check_report *const *reports,
				      size_t n) hs_must_check;

#endif
