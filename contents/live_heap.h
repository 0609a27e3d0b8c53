/**
 * @file live_heap.h - opens the heap of a live process: its memory, files and
 * the tree of its jemalloc's records. Nothing is called in it, and no thread of
 * it stands still.
 */
#ifndef CONTENTS_LIVE_HEAP_H
#define CONTENTS_LIVE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "base/error.h"
#include "proc/identity.h"
#include "proc/passive_memory.h"
#include "target/heap_regions.h"
#include "target/jemalloc.h"
#include "target/thread_caches.h"

/** Memory that may be an allocator's: brk(2)'s, too (opt.dss). */
bool live_heap_may_be(const struct mapping *m);

/** All such memory of @maps. */
struct hs_error *live_heap_memory(const struct maps *maps,
				  struct heap_ranges *ret) hs_must_check;

struct live_heap {
	const struct identity *id; /* borrowed */
	struct deadline deadline;  /* of reading files */
	struct maps maps;
	struct loaded_files files;
	struct jemallocs jemallocs;
	const struct loaded_file *file; /* the one with the jemalloc */
	size_t others; /* files with another one, which is not looked at */
	struct heap_ranges memory_of_heap; /* all that may be its heap */
	struct passive_memory memory;	   /* behind the tree's */
	struct heap_tree tree;
};

/**
 * Opens the heap of process @id; gives up at @d. It reads not more than @rate
 * bytes a second, 0: any. *ret must not move until live_heap_close(), which is
 * to be called in any case; a signal, d->stop, ends it and what follows.
 * HS_ERROR_UNPROFILED: it has no jemalloc, or one
 * whose records cannot be read; HS_ERROR_GONE, HS_ERROR_DENIED.
 */
struct hs_error *live_heap_open(const struct identity *id, uint64_t rate,
				const struct deadline *d,
				struct live_heap *ret) hs_must_check;

void live_heap_close(struct live_heap *h);

/** Reads the regions in use, without those that threads keep in their caches.
 *  HS_ERROR_UNPROFILED when they contradict each other, HS_ERROR_INTERRUPTED,
 *  HS_ERROR_SYSTEM when they would take more than @most bytes of memory.
 *  heap_regions_release() and thread_caches_release() in any case; @caches is
 *  empty. */
struct hs_error *live_heap_read(struct live_heap *h, uint64_t most,
				struct heap_regions *ret,
				struct thread_caches *caches) hs_must_check;

#endif
