/**
 * @file lock.h - one of us at a time works on a process.
 *
 * The lock is flock(2) on what stands for the process in the kernel: it goes
 * with the last descriptor of its holder, however that ends, and leaves nothing
 * behind. Since Linux 6.9 that is the process's inode in pidfs, the same for
 * every user and in every namespace; before, its folder in /proc, the same for
 * all who see the same mount of /proc. Two that do not see each other's locks
 * (a container's /proc, an older kernel) must notice each other's threads.
 */
#ifndef PROC_LOCK_H
#define PROC_LOCK_H

#include "base/deadline.h"
#include "base/error.h"
#include "proc/identity.h"

/** Waits for it until @d: then HS_ERROR_DENIED, with who has it. *ret is the
 *  caller's; close(2) gives the lock back. */
struct hs_error *process_lock(const struct identity *id,
			      const struct deadline *d, int *ret) hs_must_check;

#endif
