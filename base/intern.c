#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

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

static struct hs_error *intern_add(struct intern *table, uint64_t hash,
				   const char *s, size_t len)
{
	char *copy;

	if (table->n >= UINT32_MAX ||
	    !ARRAY_GROW(table->items, table->cap, table->n + 1))
		return hs_error_nomem();
	copy = intern_alloc(table, len + 1);
	if (!copy)
		return hs_error_nomem();
	memcpy(copy, s, len);
	copy[len] = '\0';
	table->items[table->n] = copy;
	return hash_index_add(&table->index, hash, (uint32_t)table->n++);
}

struct hs_error *intern_number(struct intern *table, const char *s, size_t len,
			       uint32_t *ret)
{
	const uint64_t hash =
		hash_bytes(hash_index_begin(&table->index), s, len).value;
	struct hash_index_walk walk = { 0 };
	const char *item;

	while (hash_index_next(&table->index, hash, &walk)) {
		item = table->items[walk.value];
		if (strncmp(item, s, len) == 0 && item[len] == '\0') {
			*ret = walk.value;
			return NULL;
		}
	}
	*ret = (uint32_t)table->n;
	return intern_add(table, hash, s, len);
}

struct hs_error *intern_string(struct intern *table, const char *s, size_t len,
			       const char **ret)
{
	uint32_t number = 0;
	struct hs_error *err = intern_number(table, s, len, &number);

	if (!err)
		*ret = table->items[number];
	return err;
}

struct hs_error *intern_text(struct intern *table, const char *s,
			     const char **ret)
{
	*ret = NULL;
	return s ? intern_string(table, s, strlen(s), ret) : NULL;
}

struct hs_error *intern_reserve(struct intern *table, size_t n)
{
	return hash_index_reserve(&table->index, n);
}

void intern_finish(struct intern *table)
{
	hash_index_release(&table->index);
}

void intern_release(struct intern *table)
{
	struct intern_chunk *chunk = table->chunks, *next;

	for (; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free((void *)table->items);
	hash_index_release(&table->index);
	*table = (struct intern){ 0 };
}
