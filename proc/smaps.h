/**
 * @file smaps.h - the bytes of each mapping that are in memory.
 *
 * proc/resident.h reads them. /proc/PID/smaps has them too, but reading it
 * holds up the process.
 */
#ifndef PROC_SMAPS_H
#define PROC_SMAPS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "proc/maps.h"

/** Bytes of one mapping. 0 where the kernel does not say. */
struct smap {
	uint64_t rss;	    /* in memory */
	uint64_t anonymous; /* of these, not backed by a file */
	uint64_t swap;	    /* swapped out */
	/* Of anonymous, and of the rest: mapped more than once, by others or by
	 * the process itself. */
	uint64_t anon_shared, file_shared;
	uint64_t lazy_free; /* of rss: given back, not yet reclaimed */
	/* Owned: a bit for each page of anonymous memory, least significant
	 * first: it is in memory, or is one of zeros, which rss leaves out.
	 * NULL: not known. */
	uint64_t *pages;
	uint64_t n_set; /* bits of these */
};

struct smaps {
	struct maps maps;
	struct smap *items; /* owned; one for each of maps.items */
	size_t n, cap;
};

void smaps_release(struct smaps *s);

/** The bits of smap.pages of [start, end) that are set; all in mapping @i, of
 *  which the pages are known. */
uint64_t smaps_pages_in(const struct smaps *s, size_t i, uint64_t start,
			uint64_t end);

#endif
