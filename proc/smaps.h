/**
 * @file smaps.h - what of each mapping is in memory: /proc/PID/smaps.
 *
 * The kernel walks the page tables for it, some milliseconds a GiB of resident
 * memory in pages of 4 KiB. Nothing is stopped meanwhile, but mmap(2) and
 * munmap(2) of the process wait for the mapping that is being walked
 * (fs/proc/task_mmu.c).
 */
#ifndef PROC_SMAPS_H
#define PROC_SMAPS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/maps.h"

/** Bytes of one mapping. 0 where the kernel does not tell. */
struct smap {
	uint64_t rss;	    /* in memory */
	uint64_t anonymous; /* of these, not as in a file */
	uint64_t swap;	    /* swapped out */
	uint64_t lazy_free; /* of rss: given back, not yet taken away */
};

struct smaps {
	struct maps maps;
	struct smap *items; /* owned; one for each of maps.items */
	size_t n, cap;
};

/** Parses @text[0..len), whole, in the form of proc(5). @name is for errors.
 *  Fields that are not known are skipped; each mapping must have its Rss.
 *  smaps_release(). Pure. */
struct hs_error *smaps_parse(const char *text, size_t len, const char *name,
			     struct smaps *ret) hs_must_check;

/** Reads and parses /proc/@pid/smaps. HS_ERROR_GONE, HS_ERROR_DENIED. */
struct hs_error *smaps_read(pid_t pid, struct smaps *ret) hs_must_check;

void smaps_release(struct smaps *s);

#endif
