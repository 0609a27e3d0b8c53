#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

uint64_t hash_bytes(const void *data, size_t len, uint64_t seed)
{
	const unsigned char *p = data;
	uint64_t h = hash_mix(seed, len), word;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = hash_mix(h, word);
	}
	word = 0;
	memcpy(&word, p, len);
	return hash_mix(h, word);
}

struct intern_chunk {
	struct intern_chunk *next;
	size_t size;
	char data[];
};

enum { INTERN_CHUNK_SIZE = 1 << 16 };

static char *intern_alloc(struct intern *table, size_t size)
{
	struct intern_chunk *chunk = table->chunks;

	if (!chunk || table->chunk_left < size) {
		size_t want = size > INTERN_CHUNK_SIZE ? size
						       : INTERN_CHUNK_SIZE;

		chunk = malloc(sizeof(*chunk) + want);
		if (!chunk)
			return NULL;
		chunk->next = table->chunks;
		chunk->size = want;
		table->chunks = chunk;
		table->chunk_left = want;
	}
	table->chunk_left -= size;
	return chunk->data + (chunk->size - table->chunk_left - size);
}

static const char **intern_slot(const struct intern *table, const char *s,
				size_t len)
{
	size_t i = hash_bytes(s, len, 0) & (table->cap - 1);

	while (table->slots[i] && (strncmp(table->slots[i], s, len) ||
				   table->slots[i][len] != '\0'))
		i = (i + 1) & (table->cap - 1);
	return &table->slots[i];
}

static struct hs_error *intern_rehash(struct intern *table)
{
	struct intern bigger = *table;
	size_t i;

	bigger.cap = table->cap ? table->cap * 2 : 256;
	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return hs_error_nomem();
	for (i = 0; i < table->cap; i++) {
		const char *s = table->slots[i];

		if (s)
			*intern_slot(&bigger, s, strlen(s)) = s;
	}
	free(table->slots);
	*table = bigger;
	return NULL;
}

struct hs_error *intern_string(struct intern *table, const char *s, size_t len,
			       const char **ret)
{
	const char **slot;
	char *copy;

	if (table->n * 2 >= table->cap) {
		struct hs_error *err = intern_rehash(table);

		if (err)
			return err;
	}
	slot = intern_slot(table, s, len);
	if (!*slot) {
		copy = intern_alloc(table, len + 1);
		if (!copy)
			return hs_error_nomem();
		memcpy(copy, s, len);
		copy[len] = '\0';
		*slot = copy;
		table->n++;
	}
	*ret = *slot;
	return NULL;
}

struct hs_error *intern_text(struct intern *table, const char *s,
			     const char **ret)
{
	*ret = NULL;
	return s ? intern_string(table, s, strlen(s), ret) : NULL;
}

void intern_release(struct intern *table)
{
	struct intern_chunk *chunk = table->chunks, *next;

	for (; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(table->slots);
	*table = (struct intern){ 0 };
}
