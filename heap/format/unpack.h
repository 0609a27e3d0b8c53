/**
 * @file unpack.h - dumps that were compressed with gzip or zstd.
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

/** @head[0..len), how the file begins, is that of a compressed one. */
bool heap_unpack_is_packed(const char *head, size_t len);

/** Reads @packed, which is borrowed as @name is, and begins with @head[0..len)
 *  (not to be read again: it comes from @packed). *ret:
 *  heap_unpack_destroy(). */
struct hs_error *heap_unpack_create(struct heap_source *packed,
				    const char *name, const char *head,
				    size_t len,
				    struct heap_unpack **ret) hs_must_check;

/** NULL is fine. */
void heap_unpack_destroy(struct heap_unpack *u);

/** The text; valid as long as @u. */
struct heap_source *heap_unpack_source(struct heap_unpack *u);

#endif
