/**
 * @file large_sizes.h - undoes that jemalloc's profiler rounds large sizes.
 *
 * From 5.3.1 on jemalloc gives a large object whole pages only, and no longer a
 * size class (opt.disable_large_size_classes, true unless set; src/jemalloc.c,
 * include/jemalloc/internal/sz.h, sz_s2u_compute()). Its profiler did not
 * follow: it still counts each sample as an object of the next size class
 * (src/prof_data.c, prof_unbias_map_init(), whose comment says so). Classes are
 * a fifth to an eighth of a size apart, and so much too large is the profile of
 * objects that are larger than the sample period. Of smaller ones it has the
 * bytes right, since fewer of them are sampled, and too few objects.
 *
 * What is known is exact and of all large objects together: how many live in
 * each class (curlextents), and their bytes (large.allocated). So it is known
 * by how much they are less than their classes, as a share of what they could
 * be less: 0 when each fills its class, 1 when each is a page above the next
 * smaller class. Every stack is corrected by that share. It is right when there
 * is one size; how far off it can be for a stack among others follows from the
 * same two numbers, and is part of the error: none where the stack is all there
 * is.
 *
 * A sample counts for c / p(c) bytes and 1 / p(c) objects, p(z) = 1 - exp(-z /
 * period), of its class c; u / p(u) and 1 / p(u) are right.
 */
#ifndef HEAP_LARGE_SIZES_H
#define HEAP_LARGE_SIZES_H

#include <stdbool.h>
#include <stdint.h>

#include "heap/profile.h"

/** Corrects the counts of @p, as read from a dump, by @meta (which may be
 *  @p's); leaves them as they are where jemalloc has no need of it. */
void heap_large_sizes_correct(struct heap_profile *p,
			      const struct heap_meta *meta);

/** The bytes of @n objects of class @class_size, by @meta: on average of all
 *  classes. */
int64_t heap_large_sizes_bytes(const struct heap_meta *meta,
			       uint64_t class_size, int64_t n);

/** The size class of @size bytes less the smallest size that it takes in, when
 *  sizes are multiples of @page: by how much an object may be smaller than its
 *  class. 0 up to 8 pages. */
uint64_t heap_large_sizes_gap(uint64_t class_size, uint64_t page);

#endif
