/**
 * @file dump_tmpfs.h - a folder in memory for the dump of a process that has
 * none: in a chroot(2) without /proc in which it can write nowhere.
 *
 * heapsnap makes a tmpfs that is mounted nowhere (fsopen(2)), limited to
 * DUMP_TMPFS_SIZE, and in it the file. The helper thread leaves the folders and
 * the descriptors that it shares with the process, gets the tmpfs through a
 * socket and makes it its working directory, so that a relative path of
 * jemalloc's leads there. It is never a folder of the machine's: a process in a
 * chroot that has one leaves its chroot by "..", and from the root of a tmpfs
 * that is mounted nowhere ".." leads to itself.
 *
 * All of this is the helper thread's own, and ends with it: whenever heapsnap
 * is killed, the process keeps none of it, and nothing is left to remove.
 */
#ifndef MALLCTL_DUMP_TMPFS_H
#define MALLCTL_DUMP_TMPFS_H

#include "base/error.h"
#include "mallctl/mallctl.h"

/** How much of a dump it holds, as mount(8)'s option: some times of what is in
 *  it before it is drained. */
#define DUMP_TMPFS_SIZE "1m"

struct dump_tmpfs {
	int folder; /* owned */
	int file;   /* owned: read and write */
};

/** The file, as the helper thread sees it then. */
#define DUMP_TMPFS_FILE "heapsnap-dump"

/**
 * Has the helper thread enter a new tmpfs with an empty file that it can open.
 * HS_ERROR_SYSTEM where that cannot be: heapsnap is not root, the kernel is
 * older than 5.9, a filter of the process forbids it, or calls run on a
 * borrowed thread, which is the service's. The helper thread has no other
 * descriptors from then on. dump_tmpfs_release(), also on failure.
 */
struct hs_error *dump_tmpfs_enter(struct session *s,
				  struct dump_tmpfs *ret) hs_must_check;

/** Lets go of it; the helper thread's end is its end. */
void dump_tmpfs_release(struct dump_tmpfs *tmpfs);

#endif
