#include "base/index.h"

#include <stdlib.h>

void heap_index_release(struct heap_index *index)
{
	free(index->slots);
	*index = (struct heap_index){ 0 };
}

static void heap_index_put(struct heap_index *index, uint64_t slot)
{
	size_t i = slot >> 32;

	while (index->slots[i & (index->cap - 1)])
		i++;
	index->slots[i & (index->cap - 1)] = slot;
	index->n++;
}

struct hs_error *heap_index_reserve(struct heap_index *index, size_t n)
{
	struct heap_index bigger = { .cap = index->cap ? index->cap : 64 };
	size_t i;

	while (bigger.cap - bigger.cap / 3 < n)
		if (__builtin_mul_overflow(bigger.cap, (size_t)2, &bigger.cap))
			return hs_error_nomem();
	if (bigger.cap == index->cap)
		return NULL;
	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return hs_error_nomem();
	for (i = 0; i < index->cap; i++)
		if (index->slots[i])
			heap_index_put(&bigger, index->slots[i]);
	free(index->slots);
	*index = bigger;
	return NULL;
}

struct hs_error *heap_index_add(struct heap_index *index, uint64_t hash,
				uint32_t value)
{
	struct hs_error *err = heap_index_reserve(index, index->n + 1);

	if (!err)
		heap_index_put(index, hash >> 32 << 32 | (value + 1));
	return err;
}
