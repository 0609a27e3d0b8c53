/**
 * @file heap_tree.h - finds jemalloc's extents in the memory of a process, from
 * outside: no call is made in it, and no thread of it stands still.
 *
 * Since 5.0 jemalloc keeps one radix tree with an entry for the first and last
 * page of every extent, and for each page of a slab. Its root is an array in
 * the data of the file that contains jemalloc, without a name in a stripped
 * one. It is found by what it is: an array of pointers whose index is the upper
 * part of addresses, and at whose ends are records of extents that contain
 * these pages. heap_tree_find() checks up to 200 entries, and takes no tree of
 * which less than 95% are right; the same test tells the layouts apart.
 *
 * Nothing that is read is trusted: a damaged or hostile tree costs a bounded
 * number of reads and yields wrong extents, no more. Since the process runs on,
 * entries may contradict their records at any time; these are left out.
 *
 * While the kernel copies from a process it holds the lock that mmap(2) and
 * munmap(2) need (mm/process_vm_access.c), so no read is larger than 64 KiB.
 */
#ifndef TARGET_HEAP_TREE_H
#define TARGET_HEAP_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "proc/memory.h"
#include "target/heap_layout.h"

/** Addresses [start, end). */
struct heap_range {
	uint64_t start, end;
};

/** Ascending, not overlapping. Zero-initialised is empty. */
struct heap_ranges {
	struct heap_range *items; /* owned */
	size_t n, cap;
};

/** Appends [start, end), or makes the last one longer when it ends at
 *  @start. */
struct hs_error *heap_ranges_add(struct heap_ranges *ranges, uint64_t start,
				 uint64_t end) hs_must_check;

void heap_ranges_release(struct heap_ranges *ranges);

struct heap_tree {
	struct memory_source memory; /* what it points to is borrowed */
	const struct heap_layout *layout;
	uint64_t root; /* address of the array */
};

/** Finds the tree whose root is in @data (data and bss of the file that
 *  contains jemalloc) and that describes the memory @heap. *found is false when
 *  there is none that can be read and is right. */
struct hs_error *heap_tree_find(const struct memory_source *memory,
				const struct heap_ranges *data,
				const struct heap_ranges *heap,
				struct heap_tree *ret,
				bool *found) hs_must_check;

/** Gets an extent; it may begin before the range that was asked for, and end
 *  behind it. False: no more are wanted. */
typedef bool heap_extent_fn(void *arg, const struct heap_extent *extent);

/** What a walk met. */
struct heap_walk {
	uint64_t extents;
	uint64_t again; /* entries that may be read a second time, with
			   all behind them, when they contradict it */
	uint64_t bad;	/* entries that contradict their extent's record */
	bool no_slabs;	/* they are passed over, their records not read */
	uint64_t left;	/* reads of records that are left; at 0 it ends. Before
			   the first walk HEAP_WALK_READS */
};

enum { HEAP_WALK_READS = 1 << 20, HEAP_WALK_AGAIN = 4096 };

/** Calls @fn for each extent with an entry in @range, ascending; once, unless
 *  the process changes the tree meanwhile. Adds to *walk. */
struct hs_error *heap_tree_walk(const struct heap_tree *tree,
				const struct heap_range *range,
				heap_extent_fn *fn, void *arg,
				struct heap_walk *walk) hs_must_check;

/** Reads the record of @extent, which was walked to, anew; false: it is that of
 *  another one now. */
bool heap_tree_reread(const struct heap_tree *tree, struct heap_extent *extent);

/** The size of the base block at @address, jemalloc's own memory, which is in
 *  no extent; 0: there is none. */
uint64_t heap_tree_base_block(const struct heap_tree *tree, uint64_t address);

#endif
