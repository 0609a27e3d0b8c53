/**
 * @file snap_run.h - one run of `heapsnap snap', and how it takes, names and
 * keeps one snapshot.
 */
#ifndef CLI_CMD_SNAP_RUN_H
#define CLI_CMD_SNAP_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "names/resolver.h"
#include "options/options.h"
#include "snap/capture.h"
#include "snap/group.h"
#include "target/target_files.h"

/* What lasts for the whole run of a member of the group. */
struct snap_member {
	struct target_files files;
	struct resolver *resolver; /* owned; the sources of its names */
	struct standing standing;
	struct kept kept; /* its last snapshot, which is not saved yet */
};

/* One run of the command. It borrows from its options. */
struct snap_run {
	const struct cli_options *o;
	struct capture_options capture;
	struct group group;
	struct snap_member *members; /* owned; as many as the group's */
	size_t n_taken;		     /* snapshots of the group */
	bool last;		     /* it is the last one now */
	bool watched;		     /* --when: the wait has begun */
	bool ahead;		     /* --when: it is for what it costs once */
	char *file;		     /* owned: the last one saved, or NULL */
	bool hurried;		     /* by a Ctrl-C during the wait */
	int64_t cost_us;	     /* of the one that is being taken */
	struct hs_error *unwritable; /* owned; why none can be kept, or NULL */
};

/** Where snapshots are kept: --save, or the current folder. */
const char *snap_dir(const struct cli_options *o);

/** Makes what each member of run->group needs. snap_run_release() in any
 *  case. */
struct hs_error *snap_run_open(struct snap_run *run) hs_must_check;

/** Closes the sessions: the processes are left as they were. */
void snap_run_close_sessions(struct snap_run *run);

/** Also closes the group, and the sessions if they are open. */
void snap_run_release(struct snap_run *run);

/** Checks that the snapshots can be written, before the processes are touched
 *  and before somebody waits for a series of them. */
struct hs_error *snap_check_folder(struct snap_run *run) hs_must_check;

/** Takes, names and saves a snapshot of member @i of the struct snap_run @arg.
 *  *ret is initialised. HS_ERROR_INTERRUPTED when a signal asked to stop. */
struct hs_error *snap_take_one(void *arg, size_t i,
			       struct heap_profile *ret) hs_must_check;

/** Saves what snap_take_one() has kept back, of which @p, the last snapshot of
 *  the group, was made. */
struct hs_error *snap_save_kept(struct snap_run *run,
				struct heap_profile *p) hs_must_check;

#endif
