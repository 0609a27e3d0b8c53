/**
 * @file folder.h - the private folder that the processes of a run write their
 * last dumps to.
 */
#ifndef LAUNCH_FOLDER_H
#define LAUNCH_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct launch_folder {
	char *path; /* owned; only this user may enter it */
};

/** Makes one in $TMPDIR, or /tmp. launch_folder_remove() in any case. */
struct hs_error *launch_folder_make(struct launch_folder *ret) hs_must_check;

/** Removes it with the files in it. Nothing where there is none. */
void launch_folder_remove(struct launch_folder *folder);

/** What a file of the folder tells of a process. */
enum launch_dump_kind {
	LAUNCH_LAST, /* what jemalloc wrote at its end: PREFIX.PID.SEQ.f.heap */
	LAUNCH_STAND_IN, /* a snapshot of it, for one that has no such end */
	LAUNCH_RUNNING,	 /* a snapshot, taken when the command had ended */
};

struct launch_dump {
	char *path; /* owned */
	pid_t pid;
	enum launch_dump_kind kind;
};

struct launch_dumps {
	struct launch_dump *items; /* owned; that of @first first, then by pid */
	size_t n, cap;
};

/** Where a snapshot of process @pid is to be kept, which is not LAUNCH_LAST.
 *  *ret: free(3). */
struct hs_error *launch_folder_path(const struct launch_folder *folder,
				    enum launch_dump_kind kind, pid_t pid,
				    char **ret) hs_must_check;

/** Lists them, of each process the best there is: its last dump, of one that
 *  has none the snapshot of when it ran on, or before. launch_dumps_release()
 * in any case. */
struct hs_error *launch_dumps_read(const struct launch_folder *folder,
				   pid_t first,
				   struct launch_dumps *ret) hs_must_check;

/** Leaves only those of @pid. */
void launch_dumps_keep(struct launch_dumps *dumps, pid_t pid);

void launch_dumps_release(struct launch_dumps *dumps);

#endif
