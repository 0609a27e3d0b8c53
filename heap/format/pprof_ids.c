#include "heap/format/pprof_ids.h"

#include <inttypes.h>

static bool find(const struct pprof_ids *ids, uint64_t hash, uint64_t id,
		 size_t *ret)
{
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&ids->index, hash, &walk)) {
		*ret = walk.value;
		if (ids->id_of(ids->profile, walk.value) == id)
			return true;
	}
	return false;
}

static uint64_t hash_of(const struct pprof_ids *ids, uint64_t id)
{
	return hash_mix(hash_index_begin(&ids->index), id).value;
}

/* Most writers count from 1. */
static bool is_counted(const struct pprof_ids *ids)
{
	size_t i;

	for (i = 0; i < ids->n; i++)
		if (ids->id_of(ids->profile, i) != i + 1)
			return false;
	return true;
}

struct hs_error *pprof_ids_init(struct pprof_ids *ids, const Pprof__Profile *p,
				const char *noun, size_t n, pprof_id_of *id_of)
{
	struct hs_error *err = NULL;
	size_t i, at;

	*ids = (struct pprof_ids){
		.profile = p,
		.noun = noun,
		.n = n,
		.id_of = id_of,
	};
	if (n >= UINT32_MAX)
		return pprof_damaged("it has %zu of '%s'", n, noun);
	if (is_counted(ids))
		return NULL;
	err = hash_index_reserve(&ids->index, n);
	for (i = 0; !err && i < n; i++) {
		const uint64_t id = id_of(p, i), hash = hash_of(ids, id);

		if (!id)
			return pprof_damaged("a %s has the number 0, which "
					     "stands for none",
					     noun);
		if (find(ids, hash, id, &at))
			return pprof_damaged("two have the number %" PRIu64
					     " of a %s",
					     id, noun);
		err = hash_index_add(&ids->index, hash, (uint32_t)i);
	}
	return err;
}

void pprof_ids_release(struct pprof_ids *ids)
{
	hash_index_release(&ids->index);
}

struct hs_error *pprof_ids_find(const struct pprof_ids *ids, uint64_t id,
				const char *of, uint64_t of_id, size_t *ret)
{
	if (!ids->index.cap && id && id <= ids->n) {
		*ret = (size_t)(id - 1);
		return NULL;
	}
	if (ids->index.cap && find(ids, hash_of(ids, id), id, ret))
		return NULL;
	return pprof_damaged("%s %" PRIu64 " has %s %" PRIu64
			     ", which is not there",
			     of, of_id, ids->noun, id);
}
