/**
 * @file lock.h - lets one heapsnap at a time work on a process.
 *
 * The lock is flock(2) on a file that represents the process: the kernel drops
 * it with the last descriptor of its holder, however that ends, and nothing
 * stays behind. Since Linux 6.9 the file is the process's inode in pidfs, the
 * same for every user and in every namespace; before, its folder in /proc, the
 * same for all who see the same mount of /proc. Two runs that do not see each
 * other's locks (a container's /proc, an older kernel) must notice each other's
 * threads.
 */
#ifndef PROC_LOCK_H
#define PROC_LOCK_H

#include "base/deadline.h"
#include "base/error.h"
#include "proc/identity.h"

/** Waits for the lock until @d: then HS_ERROR_DENIED, which names the holder.
 *  *ret is the caller's; close(2) releases the lock. */
struct hs_error *process_lock(const struct identity *id,
			      const struct deadline *d, int *ret) hs_must_check;

#endif
