/**
 * @file smaps.h - what of each mapping is in memory.
 *
 * Read by proc/resident.h; the text of /proc/PID/smaps tells it too, but to read
 * that holds up the process, and so is for tests only, which compare the two.
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

/** Parses @text[0..len), whole, in the form of proc(5). @name is for errors.
 *  Fields that are not known are skipped; each mapping must have its Rss.
 *  smaps_release(). Pure. */
struct hs_error *smaps_parse(const char *text, size_t len, const char *name,
			     struct smaps *ret) hs_must_check;

void smaps_release(struct smaps *s);

#endif
