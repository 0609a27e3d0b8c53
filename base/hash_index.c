#include "base/hash_index.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	HUGE_PAGE = 2 << 20,
	LEAST = 64, /* slots */
};

void hash_index_release(struct hash_index *index)
{
	free(index->slots);
	*index = (struct hash_index){ 0 };
}

static void hash_index_put(struct hash_index *index, uint64_t slot)
{
	size_t i = hash_index_slot(index, slot);

	while (index->slots[i])
		i = i + 1 < index->cap ? i + 1 : 0;
	index->slots[i] = slot;
	index->n++;
}

/* @cap free slots, to be freed. A large table is visited in no order, and
 * misses the TLB at nearly each visit: the kernel is asked for huge pages,
 * which it may have (madvise(2), MADV_HUGEPAGE). */
static uint64_t *new_slots(size_t cap)
{
	uint64_t *slots;
	size_t size;

	if (cap < HUGE_PAGE / sizeof(uint64_t) ||
	    cap > (SIZE_MAX - HUGE_PAGE) / sizeof(uint64_t))
		return calloc(cap, sizeof(*slots));
	/* aligned_alloc(3): a multiple of the alignment. */
	size = (cap * sizeof(uint64_t) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	slots = aligned_alloc(HUGE_PAGE, size);
	if (!slots)
		return NULL;
	(void)madvise(slots, size, MADV_HUGEPAGE);
	return memset(slots, 0, cap * sizeof(uint64_t));
}

struct hs_error *hash_index_reserve(struct hash_index *index, size_t n)
{
	struct hash_index bigger = {
		.cap = index->cap + index->cap / 2,
		.begin = hash_index_begin(index),
	};
	size_t i;

	if (n <= index->cap - index->cap / 3)
		return NULL;
	if (n > SIZE_MAX / 2)
		return hs_error_nomem();
	if (bigger.cap < n + n / 2 + LEAST)
		bigger.cap = n + n / 2 + LEAST;
	bigger.slots = new_slots(bigger.cap);
	if (!bigger.slots)
		return hs_error_nomem();
	for (i = 0; i < index->cap; i++)
		if (index->slots[i])
			hash_index_put(&bigger, index->slots[i]);
	free(index->slots);
	*index = bigger;
	return NULL;
}

struct hs_error *hash_index_add(struct hash_index *index, uint64_t hash,
				uint32_t value)
{
	struct hs_error *err = hash_index_reserve(index, index->n + 1);

	if (!err)
		hash_index_put(index, hash >> 32 << 32 | (value + 1));
	return err;
}
