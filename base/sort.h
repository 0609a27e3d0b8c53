/**
 * @file sort.h - sorts what may be in order already.
 */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

/** qsort(3) unless @items[0..n) are in order, for whose check it takes one look
 *  at each, and no memory. @items may be NULL when @n is 0. */
void sort_if_needed(void *items, size_t n, size_t size,
		    int (*compare)(const void *, const void *));

#endif
