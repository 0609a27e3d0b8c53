/**
 * @file memory_part.h - how the mappings of a process were used, as snapshot
 * files record it.
 */
#ifndef HEAP_MEMORY_PART_H
#define HEAP_MEMORY_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/profile.h"

/** The use of memory. */
enum heap_memory_kind {
	HEAP_MEMORY_STACK,  /* of threads */
	HEAP_MEMORY_CODE,   /* program and libraries, with their data */
	HEAP_MEMORY_FILE,   /* other mapped files */
	HEAP_MEMORY_SHARED, /* shared memory */
	HEAP_MEMORY_BRK,    /* brk(2) */
	HEAP_MEMORY_OTHER,  /* anonymous, with a name or with code in it */
	HEAP_MEMORY_JEMALLOC,
	HEAP_MEMORY_MMAP,      /* anonymous, not jemalloc's */
	HEAP_MEMORY_UNDECIDED, /* one of the two above */
	HEAP_MEMORY_KINDS,
};

/** Mappings of one kind and path. */
struct heap_memory {
	enum heap_memory_kind kind;
	const char *path; /* NULL: none, or several */
	int64_t mappings;
	int64_t size, rss, swap; /* bytes */
	int64_t pss;		 /* the same, when heap_meta.pss is known */
};

/** Appends @memory, whose path it copies, to @meta. HS_ERROR_INPUT when its
 *  numbers and those of all others are more than HEAP_NUMBER_MAX together. */
struct hs_error *
heap_meta_add_memory(struct heap_meta *meta,
		     const struct heap_memory *memory) hs_must_check;

/** Adds the numbers of @part to those of @to, which is one of @meta's. The same
 *  error. */
struct hs_error *
heap_meta_grow_memory(struct heap_meta *meta, struct heap_memory *to,
		      const struct heap_memory *part) hs_must_check;

/** Adds the numbers of @part to those of @to. */
void heap_memory_add(struct heap_memory *to, const struct heap_memory *part);

/** The word for @kind in snapshot files and JSON: "stack", "code", ... */
const char *heap_memory_kind_name(enum heap_memory_kind kind);

/** The kind called @name[0..len); false when there is none. */
bool heap_memory_kind_named(const char *name, size_t len,
			    enum heap_memory_kind *ret);

#endif
