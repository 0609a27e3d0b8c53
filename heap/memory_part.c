#include "heap/memory_part.h"

#include <string.h>

#include "base/array.h"

static const char *const memory_kinds[HEAP_MEMORY_KINDS] = {
	[HEAP_MEMORY_STACK] = "stack",
	[HEAP_MEMORY_CODE] = "code",
	[HEAP_MEMORY_FILE] = "file",
	[HEAP_MEMORY_SHARED] = "shared",
	[HEAP_MEMORY_BRK] = "brk",
	[HEAP_MEMORY_OTHER] = "other",
	[HEAP_MEMORY_JEMALLOC] = "jemalloc",
	[HEAP_MEMORY_MMAP] = "mmap",
	[HEAP_MEMORY_UNDECIDED] = "undecided",
};

const char *heap_memory_kind_name(enum heap_memory_kind kind)
{
	return memory_kinds[kind];
}

bool heap_memory_kind_named(const char *name, size_t len,
			    enum heap_memory_kind *ret)
{
	unsigned i;

	for (i = 0; i < HEAP_MEMORY_KINDS; i++) {
		if (strlen(memory_kinds[i]) == len &&
		    !memcmp(memory_kinds[i], name, len)) {
			*ret = (enum heap_memory_kind)i;
			return true;
		}
	}
	return false;
}

/* Of numbers that are one by one below HEAP_NUMBER_MAX. */
static struct hs_error *add_to_sum(struct heap_meta *meta,
				   const struct heap_memory *part)
{
	const int64_t sum = meta->memory_sum + part->mappings + part->size +
			    part->rss + part->swap + part->pss;

	if (sum > HEAP_NUMBER_MAX)
		return hs_error_new(HS_ERROR_INPUT,
				    "more memory than a process can have");
	meta->memory_sum = sum;
	return NULL;
}

void heap_memory_add(struct heap_memory *to, const struct heap_memory *part)
{
	to->mappings += part->mappings;
	to->size += part->size;
	to->rss += part->rss;
	to->swap += part->swap;
	to->pss += part->pss;
}

struct hs_error *heap_meta_grow_memory(struct heap_meta *meta,
				       struct heap_memory *to,
				       const struct heap_memory *part)
{
	struct hs_error *err = add_to_sum(meta, part);

	if (!err)
		heap_memory_add(to, part);
	return err;
}

struct hs_error *heap_meta_add_memory(struct heap_meta *meta,
				      const struct heap_memory *memory)
{
	struct heap_memory copy = *memory;
	struct hs_error *err;

	err = intern_text(&meta->strings, memory->path, &copy.path);
	if (!err)
		err = add_to_sum(meta, memory);
	if (err)
		return err;
	if (!ARRAY_GROW(meta->memory, meta->memory_cap, meta->n_memory + 1))
		return hs_error_nomem();
	meta->memory[meta->n_memory++] = copy;
	return NULL;
}
