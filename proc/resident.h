/**
 * @file resident.h - counts the pages of each mapping that are in memory:
 * /proc/PID/pagemap.
 *
 * It does not read /proc/PID/smaps, for which the kernel walks a whole mapping
 * while mmap(2) and munmap(2) of the process wait, some ten milliseconds a GiB
 * in pages of 4 KiB (fs/proc/task_mmu.c). A read of pagemap, however large,
 * holds them up for 512 pages at a time (PAGEMAP_WALK_SIZE there), some
 * microseconds.
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
	uint64_t anonymous; /* of these, not backed by a file */
	/* Of these, perhaps shared: with a forked process, or the page of
	 * zeros, which does not count as memory in use. */
	uint64_t shared;
	uint64_t swapped;
	uint64_t file_shared; /* of a file's, mapped more than once */
};

/** Adds pagemap's @entries[0..n) (Linux
 *  Documentation/admin-guide/mm/pagemap.rst) of a mapping, of a file or
 *  @anonymous. Pure. */
void resident_count_add(struct resident_count *count, const uint64_t *entries,
			size_t n, bool anonymous);

/** Subtracts pages of zeros from @counts[0..n): their anonymous pages in excess
 *  of @anon, in proportion to the shared ones. Pure. */
void resident_take_zeros(struct resident_count *counts, size_t n,
			 uint64_t anon);

/** Reads the mappings of @pid and the bytes of each that are in memory
 *  (lazyfree stays 0). When mappings exceed 256 GiB together, the first one
 *  beyond gets the rest of the process's memory. HS_ERROR_GONE,
 *  HS_ERROR_DENIED. Release with smaps_release(). */
struct hs_error *resident_read(pid_t pid, struct smaps *ret) hs_must_check;

#endif
