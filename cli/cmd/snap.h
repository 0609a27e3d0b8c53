/**
 * @file snap.h - the parts of heapsnap -p, for cmd_snap.c and snap_group.c.
 */
#ifndef CLI_CMD_SNAP_H
#define CLI_CMD_SNAP_H

#include "base/error.h"
#include "snap/capture.h"
#include "cli/options.h"
#include "names/resolver.h"
#include "cli/signals.h"
#include "proc/identity.h"

/** Takes a snapshot, names its frames and keeps it as a file, if @o says so. */
struct hs_error *snap_take(const struct identity *id,
			   const struct cli_options *o, struct resolver *r,
			   struct capture *c) hs_must_check;

/** The files that are to be written can be: asked before the process is
 * touched, and before somebody waits for a series of snapshots. */
struct hs_error *snap_check_files(const struct identity *id,
				  const struct cli_options *o) hs_must_check;

/** Waits @us microseconds, and says what the last snapshot, @p, has found.
 *  Else as signals_wait(). */
struct hs_error *snap_wait(int64_t us, int pidfd, const struct heap_profile *p,
			   enum wait_end *ret) hs_must_check;

/** Snapshots of several processes, side by side, merged. */
struct hs_error *snap_group(const struct cli_options *o) hs_must_check;

#endif
