/**
 * @file heap_image_ranges.h - where the parts of a heap that is made by hand
 * are (heap_image.h), as a process's maps would tell.
 */
#ifndef TESTS_UNIT_TARGET_HEAP_IMAGE_RANGES_H
#define TESTS_UNIT_TARGET_HEAP_IMAGE_RANGES_H

#include "target/heap_tree.h"
#include "tests/unit/target/heap_image.h"

/** What of it may hold the tree's root, and what jemalloc has mapped. */
static const struct heap_ranges image_data = {
	(struct heap_range[]){ { IMAGE_DATA, IMAGE_DATA + 3 * IMAGE_MIB } },
	1,
	1,
};
static const struct heap_ranges image_heap = {
	(struct heap_range[]){ { IMAGE_BASE, IMAGE_BASE + 8 * IMAGE_MIB },
			       { IMAGE_HEAP_AT, IMAGE_HEAP_AT + IMAGE_HEAP } },
	2,
	2,
};

#endif
