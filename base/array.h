/**
 * @file array.h - arrays that grow.
 */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/** Reserves @need elements of @size bytes in *@items (owned by the caller,
 *  malloc'ed or NULL), doubling *@cap. false: out of memory, nothing
 *  changed. */
bool array_grow(void **items, size_t *cap, size_t need, size_t size);

/** Gives the memory of @items[0..size) back to the system, as far as it can be
 *  had apart; what was there is lost. @items remains to be freed. */
void array_give_back(void *items, size_t size);

/** array_grow() for a typed pointer: ARRAY_GROW(v->items, v->cap, v->n + 1). */
#define ARRAY_GROW(items, cap, need) \
	((need) <= (cap) ||          \
	 array_grow((void **)&(items), &(cap), (need), sizeof(*(items))))

#endif
