/**
 * @file search.h - binary search.
 */
#ifndef BASE_SEARCH_H
#define BASE_SEARCH_H

#include <stddef.h>

/** The index in a sorted array of @n elements of the first that is not before
 *  the wanted position, or @n; the expression @before says whether element @i
 *  is before it:
 *
 *	at = search_sorted(n, i, items[i].end <= address);
 */
#define search_sorted(n, i, before)                                 \
	({                                                          \
		size_t low_ = 0, high_ = (n);                       \
                                                                    \
		while (low_ < high_) {                              \
			const size_t i = low_ + (high_ - low_) / 2; \
                                                                    \
			if (before)                                 \
				low_ = i + 1;                       \
			else                                        \
				high_ = i;                          \
		}                                                   \
		low_;                                               \
	})

#endif
