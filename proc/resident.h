/**
 * @file resident.h - what of each mapping is in memory: /proc/PID/pagemap.
 *
 * Not /proc/PID/smaps: the kernel walks a whole mapping for it while mmap(2)
 * and munmap(2) of the process wait, some ten milliseconds a GiB in pages of 4
 * KiB (fs/proc/task_mmu.c). A read of pagemap, however large, holds them up for
 * 512 pages at a time (PAGEMAP_WALK_SIZE there), some microseconds.
 */
#ifndef PROC_RESIDENT_H
#define PROC_RESIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/smaps.h"

/** Pages of a mapping. */
struct resident_count {
	uint64_t present;   /* in memory */
	uint64_t anonymous; /* of these, not as in a file */
	/* Of these, perhaps also elsewhere: in a forked process, or the page of
	 * zeros, which is not counted as memory in use. */
	uint64_t shared;
	uint64_t swapped;
};

/** Adds pagemap's @entries[0..n) (Linux Documentation/admin-guide/mm/
 *  pagemap.rst) of a mapping, of a file or @anonymous. Pure. */
void resident_count_add(struct resident_count *count, const uint64_t *entries,
			size_t n, bool anonymous);

/** Takes pages of zeros out of @counts[0..n): what of their anonymous pages is
 *  more than @anon, in proportion to the shared ones. Pure. */
void resident_take_zeros(struct resident_count *counts, size_t n,
			 uint64_t anon);

/** The mappings of @pid and what is in memory of each (nothing is told of
 *  pages that are to be freed). Of mappings that are beyond 256 GiB together
 *  the first gets all that the others leave of the process's memory.
 *  HS_ERROR_GONE, HS_ERROR_DENIED. smaps_release(). */
struct hs_error *resident_read(pid_t pid, struct smaps *ret) hs_must_check;

#endif
