/**
 * @file heap_use.h - which memory of a process is jemalloc's, and in which
 * state, by jemalloc's own records (target/heap_tree.h).
 */
#ifndef TARGET_HEAP_USE_H
#define TARGET_HEAP_USE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "proc/memory.h"
#include "proc/usage.h"
#include "target/heap_tree.h"

enum {
	HEAP_USE_OWN = HEAP_EXTENT_STATES, /* base blocks: its own data */
	HEAP_USE_KINDS,
};

struct heap_use {
	/* What of mapping usage.smaps.maps.items[i] is jemalloc's, bytes.
	 * Owned. */
	struct heap_share {
		uint64_t size, rss;
		uint64_t pages[HEAP_USE_KINDS]; /* in memory, or of zeros */
	} * shares;
	struct heap_tree tree;	      /* by which; its memory is gone */
	uint64_t size;		      /* their sum, addresses */
	uint64_t rss[HEAP_USE_KINDS]; /* by enum heap_extent_state; in memory */
};

/** Appends to *ret the data and bss of the file that @first is a mapping of;
 *  all are of @maps. */
struct hs_error *heap_use_data(const struct maps *maps,
			       const struct mapping *first,
			       struct heap_ranges *ret) hs_must_check;

/** Reads what of the mappings of @usage is jemalloc's, whose root is in @data.
 *  @memory reads what is not in memory as zeros, so that no page comes into
 * being (passive_memory_source()). *found is false, and *ret empty, when its
 * records cannot be read. Release with heap_use_release(). */
struct hs_error *heap_use_read(const struct memory_source *memory,
			       const struct heap_ranges *data,
			       const struct usage *usage, struct heap_use *ret,
			       bool *found) hs_must_check;

void heap_use_release(struct heap_use *use);

#endif
