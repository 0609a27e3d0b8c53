/**
 * @file passive_memory.h - reads the memory of a process so that it does not
 * notice: no page comes into being or back from swap for us, nothing is read
 * that has effects, and nobody waits long.
 *
 * - Only private memory, anonymous or of a file: what is shared may be a
 * device, or belong to others.
 * - Of the pages only those that are in memory (/proc/PID/pagemap). Of others
 *   the kernel would map the page of zeros, read the swap, or ask the handler
 * of a userfaultfd(2).
 * - At most 64 KiB at a time: the kernel holds the lock that mmap(2), munmap(2)
 *   and brk(2) need while it looks up pages (mm/process_vm_access.c). The
 * caller should be one that does not wait for a CPU meanwhile.
 * - Not faster than the rate that was asked for.
 */
#ifndef PROC_PASSIVE_MEMORY_H
#define PROC_PASSIVE_MEMORY_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/maps.h"
#include "proc/memory.h"

struct passive_memory {
	pid_t pid;
	int pagemap;		 /* owned */
	const struct maps *maps; /* borrowed: what may be read */
	uint64_t page;		 /* bytes */
	uint64_t rate;		 /* bytes a second; 0: any */
	int64_t began;		 /* microseconds of CLOCK_MONOTONIC */
	uint64_t bytes;		 /* read */
	uint64_t swapped;	 /* pages left out: they are swapped out, */
	uint64_t untouched;	 /* or are not there: of zeros, or a file's */
};

/** Opens the memory of process @pid, with mappings @maps. HS_ERROR_GONE,
 *  HS_ERROR_DENIED. passive_memory_close() in any case. */
struct hs_error *passive_memory_open(pid_t pid, const struct maps *maps,
				     uint64_t rate,
				     struct passive_memory *ret) hs_must_check;

void passive_memory_close(struct passive_memory *m);

/** Reads pages that are not in memory as zeros, and counts them; of memory that
 *  is not to be read it says that it is not there. @m is borrowed. */
struct memory_source passive_memory_source(struct passive_memory *m);

/** The same, but what is not wholly in memory is not there. */
struct memory_source passive_memory_present(struct passive_memory *m);

#endif
