#include "heap/format/pprof_message.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

/*
 * Most heaps come to less than a megabyte. A field takes two bytes at least,
 * and what is made of it a hundred; a sample of real profiles has thirty, and
 * takes ten times as many.
 */
enum {
	MESSAGE_MAX = 128 << 20,
	MEMORY_FREE = 64 << 20,
	MEMORY_RATIO = 24,
	MEMORY_MAX = 512 << 20,
	READ_STEP = 64 << 10,
	CHUNK = 1 << 20,
};

/* --- the bytes ------------------------------------------------------------- */

struct bytes {
	uint8_t *items; /* owned */
	size_t n, cap;
};

static void bytes_release(struct bytes *b)
{
	free(b->items);
}

static struct hs_error *bytes_read(struct bytes *b, struct heap_source *source)
{
	struct hs_error *err = NULL;
	size_t got = 1;

	while (!err && got) {
		if (b->n >= MESSAGE_MAX)
			return hs_error_new(HS_ERROR_INPUT,
					    "a profile of more than %d MiB",
					    MESSAGE_MAX >> 20);
		if (!ARRAY_GROW(b->items, b->cap, b->n + READ_STEP))
			return hs_error_nomem();
		err = source->read(source, (char *)b->items + b->n, READ_STEP,
				   &got);
		b->n += got;
	}
	return err;
}

/* --- the memory of the message --------------------------------------------- */

/* The messages that protobuf-c makes are many, small, and freed together: they
 * are cut from chunks, as many as the limit allows. */
struct chunk {
	struct chunk *next;
	max_align_t data[];
};

struct arena {
	struct chunk *chunks;
	char *at;
	size_t left;
	uint64_t room; /* bytes that may still be taken from the system */
	bool full;     /* more was wanted */
	bool failed;   /* the system had none */
};

static char *arena_extend(struct arena *a, size_t size)
{
	struct chunk *chunk;

	if (size > a->room) {
		a->full = true;
		return NULL;
	}
	chunk = malloc(sizeof(*chunk) + size);
	if (!chunk) {
		a->failed = true;
		return NULL;
	}
	a->room -= size;
	chunk->next = a->chunks;
	a->chunks = chunk;
	return (char *)chunk->data;
}

static void *arena_alloc(void *data, size_t size)
{
	const size_t align = sizeof(max_align_t);
	struct arena *a = data;
	char *ret;

	if (size > MEMORY_MAX) {
		a->full = true;
		return NULL;
	}
	size = (size / align + 1) * align;
	if (size > CHUNK / 4)
		return arena_extend(a, size);
	if (size > a->left) {
		a->at = arena_extend(a, CHUNK);
		a->left = a->at ? CHUNK : 0;
	}
	if (size > a->left)
		return NULL;
	ret = a->at;
	a->at += size;
	a->left -= size;
	return ret;
}

static void arena_free(void *data, void *p)
{
	(void)data;
	(void)p;
}

static uint64_t memory_of(size_t len)
{
	const uint64_t most = MEMORY_FREE + (uint64_t)len * MEMORY_RATIO;

	return most < MEMORY_MAX ? most : MEMORY_MAX;
}

/* --- the message ----------------------------------------------------------- */

static struct hs_error *unpack(struct pprof_message *m, const struct bytes *b)
{
	struct arena arena = { .room = memory_of(b->n) };
	ProtobufCAllocator allocator = { arena_alloc, arena_free, &arena };
	const Pprof__Profile *profile =
		pprof__profile__unpack(&allocator, b->n, b->items);

	m->chunks = arena.chunks;
	m->profile = profile;
	if (profile)
		return NULL;
	if (arena.failed)
		return hs_error_nomem();
	if (arena.full)
		return hs_error_new(HS_ERROR_INPUT,
				    "a profile that takes more than %" PRIu64
				    " MiB to read",
				    memory_of(b->n) >> 20);
	return pprof_damaged("it is cut off, or no message of Protocol "
			     "Buffers");
}

/* Only string 0 may be used for "none". */
static struct hs_error *check_strings(const Pprof__Profile *p)
{
	if (!p->n_string_table)
		return pprof_damaged("it has no strings");
	if (p->string_table[0][0])
		return pprof_damaged("its first string is not the empty one");
	return NULL;
}

struct hs_error *pprof_message_read(struct heap_source *source,
				    struct pprof_message *ret)
{
	hs_cleanup(bytes_release) struct bytes bytes = { 0 };
	struct hs_error *err;

	*ret = (struct pprof_message){ 0 };
	err = bytes_read(&bytes, source);
	if (!err)
		err = unpack(ret, &bytes);
	return err ? err : check_strings(ret->profile);
}

void pprof_message_release(struct pprof_message *m)
{
	struct chunk *chunk, *next;

	for (chunk = m->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	*m = (struct pprof_message){ 0 };
}

struct hs_error *pprof_message_string(const struct pprof_message *m,
				      int64_t index, const char *of,
				      uint64_t id, const char **ret)
{
	const Pprof__Profile *p = m->profile;

	if (index < 0 || (uint64_t)index >= p->n_string_table)
		return pprof_damaged("%s %" PRIu64 " has string %" PRId64
				     " of %zu",
				     of, id, index, p->n_string_table);
	*ret = p->string_table[index];
	return NULL;
}
