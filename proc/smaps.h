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
	uint64_t lazy_free; /* of rss: given back, not yet reclaimed */
};

struct smaps {
	struct maps maps;
	struct smap *items; /* owned; one for each of maps.items */
	size_t n, cap;
};

void smaps_release(struct smaps *s);

#endif
