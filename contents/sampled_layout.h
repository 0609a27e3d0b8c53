/**
 * @file sampled_layout.h - where the versions of jemalloc keep what leads from
 * a sampled allocation to its stack: words of 8 bytes.
 *
 * From jemalloc's sources: the record of the allocation (5.1.0 and 5.2.1
 * extent_structs.h, from 5.3.0 to the development version of 2026 edata.h) has
 * a prof_tctx_t, what a thread allocated by a stack (prof_structs.h); that has
 * a prof_gctx_t, the stack.
 */
#ifndef CONTENTS_SAMPLED_LAYOUT_H
#define CONTENTS_SAMPLED_LAYOUT_H

#include "target/heap_layout.h"

enum { SAMPLED_NOWHERE = -1 };

struct sampled_layout {
	/* In heap_extent.prof; SAMPLED_NOWHERE: not kept. */
	int tctx, time, size;
	int gctx; /* in the prof_tctx_t */
};

/** That of jemalloc @version ("5.3.0-0-g..."), whose records are laid out as
 *  @layout; NULL: they contradict each other, or it is not known. */
const struct sampled_layout *
sampled_layout_find(const struct heap_layout *layout, const char *version);

#endif
