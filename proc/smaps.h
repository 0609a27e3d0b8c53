/**
 * @file smaps.h - what of each mapping is in memory.
 *
 * Read by proc/resident.h. The text of /proc/PID/smaps tells it too, but to
 * read that holds up the process.
 */
#ifndef PROC_SMAPS_H
#define PROC_SMAPS_H

#include <stddef.h>
#include <stdint.h>

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

void smaps_release(struct smaps *s);

#endif
