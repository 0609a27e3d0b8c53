/**
 * @file unpack.h - decompresses dumps of gzip and zstd.
 *
 * Internal to heap/.
 */
#ifndef HEAP_FORMAT_UNPACK_H
#define HEAP_FORMAT_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "heap/format/source.h"

struct heap_unpack;

/** @head[0..len), the start of a file, is that of a compressed one. */
bool heap_unpack_is_packed(const char *head, size_t len);

/** Decompresses @packed, which is borrowed like @name. @packed begins with
 *  @head[0..len) and still returns it. *ret: heap_unpack_destroy(). */
struct hs_error *heap_unpack_create(struct heap_source *packed,
				    const char *name, const char *head,
				    size_t len,
				    struct heap_unpack **ret) hs_must_check;

/** NULL is fine. */
void heap_unpack_destroy(struct heap_unpack *u);

/** The decompressed text; valid as long as @u. */
struct heap_source *heap_unpack_source(struct heap_unpack *u);

#endif
