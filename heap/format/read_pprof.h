/**
 * @file read_pprof.h - reads profiles of pprof: a message of Protocol Buffers
 * (profile.proto), as servers give them that have an endpoint of their own.
 *
 * Internal to heap/.
 *
 * Their numbers are estimates already: Go, tcmalloc, node, jemalloc_pprof of
 * Rust, pprof (of what it converts) and heapsnap scale them before they write
 * them. What they rest on is computed back (heap_counts_of_estimate()) when the
 * profile tells how it was sampled; else a remark says that nobody knows.
 *
 * Labels: "thread" tells threads apart; samples that differ in others are added
 * up, as Go's "bytes", the size of the objects.
 */
#ifndef HEAP_FORMAT_READ_PPROF_H
#define HEAP_FORMAT_READ_PPROF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "heap/format/source.h"
#include "heap/profile.h"

/** @head[0..len), of which 16 bytes are enough, is how such a profile begins,
 *  and no text. */
bool heap_pprof_is_start(const char *head, size_t len);

/** Reads all of @source, which is not compressed, into the empty profile @p;
 *  @threads: with its threads. @name is for errors and remarks. HS_ERROR_INPUT
 * for damage, and for a profile that is not of a heap. */
struct hs_error *heap_read_pprof(struct heap_source *source, const char *name,
				 bool threads,
				 struct heap_profile *p) hs_must_check;

#endif
