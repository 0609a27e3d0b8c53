/**
 * @file lock.h - lets one heapsnap at a time work on a process.
 *
 * The lock is flock(2) on a file that represents the process: the kernel drops
 * it with the last descriptor of its holder, however that ends. Nobody can hold
 * it but who may attach to the process. Root's is a file in a folder of root's
 * own (a killed run leaves it there, empty, and it does no harm); that of
 * others the process's /proc/PID/mem, which only those can open. Two runs that
 * do not see each other's locks (root's and a user's, a container's /run or
 * /proc) must notice each other's threads.
 */
#ifndef PROC_LOCK_H
#define PROC_LOCK_H

#include "base/deadline.h"
#include "base/error.h"
#include "proc/identity.h"

struct process_lock {
	int fd;	    /* owned; below 0: not locked */
	int folder; /* owned: root's, in which the file is; below 0: none */
};

#define PROCESS_UNLOCKED ((struct process_lock){ -1, -1 })

/** Waits for the lock until @d: then HS_ERROR_DENIED, which names the holder.
 *  process_unlock() releases it. */
struct hs_error *process_lock(const struct identity *id,
			      const struct deadline *d,
			      struct process_lock *ret) hs_must_check;

/** Nothing when it is not locked. */
void process_unlock(const struct identity *id, struct process_lock *lock);

#endif
