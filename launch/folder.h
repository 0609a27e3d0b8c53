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

/** A file of the folder: PREFIX.PID.SEQ.f.heap, as jemalloc calls what it
 *  writes at the end of a process. */
struct launch_dump {
	char *path; /* owned */
	pid_t pid;
};

struct launch_dumps {
	struct launch_dump *items; /* owned; that of @first first, then by pid */
	size_t n, cap;
};

/** Lists them; other files do not count. launch_dumps_release() in any case. */
struct hs_error *launch_dumps_read(const struct launch_folder *folder,
				   pid_t first,
				   struct launch_dumps *ret) hs_must_check;

/** Leaves only those of @pid. */
void launch_dumps_keep(struct launch_dumps *dumps, pid_t pid);

void launch_dumps_release(struct launch_dumps *dumps);

#endif
