/**
 * @file large_sizes.h - reads how large a jemalloc's large objects are, where
 * its profiler does not know (heap/large_sizes.h).
 */
#ifndef MALLCTL_LARGE_SIZES_H
#define MALLCTL_LARGE_SIZES_H

#include <stdint.h>

#include "base/error.h"
#include "heap/profile.h"
#include "mallctl/mallctl.h"

/** Fills in large_classes, and when that is 0 large_allocated, large_most and
 *  large_least, of arena @arena, which stands for all; @o has its page. What
 *  this jemalloc does not tell stays unknown. */
struct hs_error *large_sizes_read(struct session *s, uint64_t arena,
				  struct heap_meta *o) hs_must_check;

#endif
