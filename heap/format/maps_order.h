/**
 * @file maps_order.h - puts the mappings of a dump in order: its lines come
 * from several reads of a file that changes in between, or were put together by
 * hand, so they may be anywhere and overlap.
 *
 * Internal to heap/.
 */
#ifndef HEAP_FORMAT_MAPS_ORDER_H
#define HEAP_FORMAT_MAPS_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "proc/maps.h"

/**
 * Sorts @maps, in whatever order, and cuts them so that they do not overlap: an
 * address belongs to code rather than to data, since only code gives names, and
 * of several to what begins last, which is the most particular (so does jeprof,
 * PrintSymbolizedProfile()). Paths that are the same are the same pointer.
 *
 * *doubtful: code of two files, or of two places in one, overlaps; then *where
 * is the first address.
 */
struct hs_error *heap_maps_order(struct maps *maps, bool *doubtful,
				 uint64_t *where) hs_must_check;

#endif
