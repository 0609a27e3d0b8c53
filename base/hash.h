/**
 * @file hash.h - hashing that whoever chooses the input cannot foresee.
 *
 *	struct hash h = hash_begin();
 *
 *	h = hash_mix(h, word);
 *	h = hash_bytes(h, text, length);
 *	... h.value ...
 *
 * Dumps, ELF files and the memory of a process may be made by somebody who
 *wants all of their addresses or names to fall into one place of a table. So a
 *hash begins with what only the kernel and this process know, and differs from
 *one run to the next: nothing that is written may depend on it.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/** Of what was mixed in so far. Two hashes can be compared by their values. */
struct hash {
	uint64_t value; /* 64 bits that are spread */
	uint64_t key;	/* the process's secret, the same in all */
};

/** Begins a hash; the same one each time in a process. It looks the secret up:
 *  an index keeps it (hash_index_begin()). */
struct hash hash_begin(void);

/** Mixes one word in. Both halves of the product are used, so that nobody can
 *  divide by a factor to choose it; nor is a factor known. */
static inline struct hash hash_mix(struct hash h, uint64_t word)
{
	const unsigned __int128 product =
		(unsigned __int128)h.value * (word ^ h.key);

	h.value = (uint64_t)(product >> 64) ^ (uint64_t)product;
	return h;
}

/** Mixes two numbers in at once, in half the time of one after the other: each
 *  step waits for the one before it. */
static inline struct hash hash_mix_two(struct hash h, uint32_t a, uint32_t b)
{
	return hash_mix(h, (uint64_t)b << 32 | a);
}

/** Mixes in @len bytes, and their number. */
struct hash hash_bytes(struct hash h, const void *data, size_t len);

#endif
