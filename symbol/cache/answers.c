#include "symbol/cache/answers.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static uint64_t hash_of(const struct answers *a, uint64_t offset)
{
	return hash_mix(hash_index_begin(&a->index), offset).value;
}

const struct answer *answers_find(const struct answers *a, uint64_t offset)
{
	struct hash_index_walk walk = { 0 };
	const uint64_t hash = hash_of(a, offset);

	while (hash_index_next(&a->index, hash, &walk))
		if (a->items[walk.value].offset == offset)
			return &a->items[walk.value];
	return NULL;
}

struct hs_error *answers_add(struct answers *a, uint64_t offset,
			     const struct symbol_frame *frames, size_t n)
{
	struct hs_error *err;

	if (n > UINT32_MAX - a->n_frames || a->n == UINT32_MAX ||
	    !ARRAY_GROW(a->items, a->cap, a->n + 1) ||
	    !ARRAY_GROW(a->frames, a->frames_cap, a->n_frames + n))
		return hs_error_nomem();
	err = hash_index_add(&a->index, hash_of(a, offset), (uint32_t)a->n);
	if (err)
		return err;
	a->items[a->n++] = (struct answer){
		.offset = offset,
		.first = (uint32_t)a->n_frames,
		.n = (uint32_t)n,
	};
	if (n)
		memcpy(&a->frames[a->n_frames], frames, n * sizeof(*frames));
	a->n_frames += n;
	return NULL;
}

void answers_release(struct answers *a)
{
	free(a->items);
	free(a->frames);
	hash_index_release(&a->index);
	*a = (struct answers){ 0 };
}
