/**
 * @file hash_index.h - a hash table of array indices.
 *
 * Open addressing over 32-bit array indices; the caller keeps the elements and
 * compares them:
 *
 *	uint64_t hash = hash_mix(hash_index_begin(&index), key).value;
 *	struct hash_index_walk walk = { 0 };
 *
 *	while (hash_index_next(&index, hash, &walk))
 *		if (things[walk.value] is the one)
 *			return walk.value;
 *
 * Zero-initialised is an empty index.
 */
#ifndef BASE_HASH_INDEX_H
#define BASE_HASH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

struct hash_index {
	/* Owned. 0: free; else the upper half of the hash, and in the lower
	 * half the value + 1. */
	uint64_t *slots;
	size_t n, cap;	   /* cap is 0, or at least 1.5 * n */
	struct hash begin; /* of all its hashes; once cap is not 0 */
};

struct hash_index_walk {
	size_t step;	/* slots visited */
	uint32_t value; /* of the slot found */
};

void hash_index_release(struct hash_index *index);

#define _cleanup_hash_index_ __attribute__((cleanup(hash_index_release)))

/** Begins the hash of a key, also of one that is looked for only. */
static inline struct hash hash_index_begin(const struct hash_index *index)
{
	return index->cap ? index->begin : hash_begin();
}

/** Reserves @n values. */
struct hs_error *hash_index_reserve(struct hash_index *index,
				    size_t n) hs_must_check;

/** Adds @value (not UINT32_MAX) under @hash; there may be others. */
struct hs_error *hash_index_add(struct hash_index *index, uint64_t hash,
				uint32_t value) hs_must_check;

/** The slot where the search for @hash begins. Slots are in the order of
 *  hashes, but for those that had to give way: so a table that grows is copied
 *  from its start to its end, and may have any size. */
static inline size_t hash_index_slot(const struct hash_index *index,
				     uint64_t hash)
{
	return (size_t)((unsigned __int128)(hash >> 32) * index->cap >> 32);
}

/** Brings the slot of @hash near, for a search that is to come: a large table
 *  is visited in no order. */
static inline void hash_index_prefetch(const struct hash_index *index,
				       uint64_t hash)
{
	if (index->cap)
		__builtin_prefetch(&index->slots[hash_index_slot(index, hash)]);
}

/** Goes to the next value whose hash may be @hash; false: no more. */
static inline bool hash_index_next(const struct hash_index *index,
				   uint64_t hash, struct hash_index_walk *walk)
{
	size_t at = hash_index_slot(index, hash) + walk->step;
	uint64_t slot;

	if (!index->cap)
		return false;
	do {
		slot = index->slots[at < index->cap ? at : at - index->cap];
		if (!slot)
			return false;
		at++;
		walk->step++;
	} while (slot >> 32 != hash >> 32);
	walk->value = (uint32_t)slot - 1;
	return true;
}

#endif
