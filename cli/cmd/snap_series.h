/**
 * @file snap_series.h - the snapshots of a run, the waits between them, and
 * their report.
 */
#ifndef CLI_CMD_SNAP_SERIES_H
#define CLI_CMD_SNAP_SERIES_H

#include "base/error.h"
#include "cli/cmd/snap_run.h"
#include "snap/when_wait.h"

/** What --when waits for. It borrows from @run. */
struct when_wait snap_when_of(const struct snap_run *run);

/** Takes the snapshots that the options ask for, and reports what grew, or of
 *  one what is live. */
struct hs_error *snap_series(struct snap_run *run) hs_must_check;

#endif
