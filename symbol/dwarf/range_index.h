/**
 * @file range_index.h - finds the innermost of nested ranges around an address.
 */
#ifndef SYMBOL_DWARF_RANGE_INDEX_H
#define SYMBOL_DWARF_RANGE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct range {
	uint64_t start;
	uint64_t end;	/* exclusive; > start */
	uint32_t depth; /* of ranges that are equal the deepest is innermost */
	uint32_t id;	/* the caller's */
};

/** Zero-initialised is an empty one. Add all ranges, flatten once, then ask. */
struct range_map {
	struct range *items; /* owned; flat: ascending, not overlapping */
	size_t n, cap;
};

void range_map_release(struct range_map *map);

/** Empty ranges are ignored. */
struct hs_error *range_map_add(struct range_map *map, uint64_t start,
			       uint64_t end, uint32_t depth,
			       uint32_t id) hs_must_check;

/** Cuts ranges that lie in others out of them. Of ranges that overlap without
 *  nesting the one that starts later wins. */
struct hs_error *range_map_flatten(struct range_map *map) hs_must_check;

/** The innermost range that holds @address, or NULL. Only when flat. */
const struct range *range_map_find(const struct range_map *map,
				   uint64_t address);

#endif
