/**
 * @file graph_leaks.h - which regions of a heap nobody can reach any more, as
 * several looks at it agree.
 *
 * A process that runs may move a pointer from memory not yet read to memory
 * that has been: then one look takes a region for leaked that is not. It is
 * leaked when in all looks no root led to it, and it was in use with the same
 * contents: nobody can write to it either. One that is freed and used anew
 * between looks has others.
 *
 * Of leaked regions one is indirect when another one points to it, as
 * LeakSanitizer has it (compiler-rt/lib/lsan/lsan_common.cpp,
 * MarkIndirectlyLeakedCb()): of a ring all are.
 */
#ifndef CONTENTS_GRAPH_LEAKS_H
#define CONTENTS_GRAPH_LEAKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "contents/holders.h"

/** What looks did not reach. */
struct unreached {
	struct graph_index index; /* owned */
	uint64_t *bits;		  /* owned; a bit for each region */
	uint32_t *contents;	  /* owned: graph->contents */
	uint64_t n;
};

/** What neither @holders nor @earlier (NULL: this is the first look) reach.
 *  Takes of their *@graph and *@index what it needs, also on HS_ERROR_NOMEM.
 *  unreached_release() in any case. */
struct hs_error *unreached_take(const struct holders *holders,
				struct graph *graph, struct graph_index *index,
				const struct unreached *earlier,
				struct unreached *ret) hs_must_check;

void unreached_release(struct unreached *u);

/** Regions in use. Each is one of these. */
struct leak_count {
	uint64_t held;	   /* a root leads to it */
	uint64_t direct;   /* leaked, nobody points to it */
	uint64_t indirect; /* leaked, others that are leaked point to it */
	uint64_t moved;	   /* not reached this time, but before, or new */
};

struct leaks {
	uint64_t *leaked;   /* owned; a bit for each region, */
	uint64_t *indirect; /* of these */
	struct leak_count classes[HEAP_CLASSES];
	struct leak_count bytes_of[HEAP_CLASSES];
	struct leak_count regions, bytes; /* of all classes */
};

/** Finds what @holders, which are of a later look than @earlier, do not reach
 *  either. HS_ERROR_NOMEM. leaks_release() in any case. */
struct hs_error *leaks_find(const struct holders *holders,
			    const struct unreached *earlier,
			    struct leaks *ret) hs_must_check;

void leaks_release(struct leaks *leaks);

/** Whether the region that begins at @address, of @index, is leaked. */
bool leaks_has(const struct leaks *leaks, const struct graph_index *index,
	       uint64_t address);

#endif
