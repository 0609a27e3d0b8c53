/**
 * @file dialect.h - reads the dialects of heap dumps, one function each.
 *
 * Internal to heap/. A dialect reads the header and the stacks;
 * heap/format/read.c reads what follows, which is the same for all.
 */
#ifndef HEAP_FORMAT_DIALECT_H
#define HEAP_FORMAT_DIALECT_H

#include <stddef.h>

#include "base/error.h"
#include "heap/format/builder.h"
#include "heap/format/lines.h"

/** Reads from the first line of @t up to the first line that belongs to no
 *  stack; closes all stacks in @b and sets its profile's sample_period. */
typedef struct hs_error *heap_dialect(struct heap_text *t,
				      struct heap_builder *b);

/** jemalloc 4.0 to 5.3: "heap_v2/524288". */
struct hs_error *heap_read_v2(struct heap_text *t,
			      struct heap_builder *b) hs_must_check;

/** jemalloc 2 and 3, gperftools: "heap profile: 33: 26214912 [0: 0] @ TYPE". */
struct hs_error *heap_read_lines(struct heap_text *t,
				 struct heap_builder *b) hs_must_check;

/** Names, then a dump of another dialect: "--- symbol". */
struct hs_error *heap_read_raw(struct heap_text *t,
			       struct heap_builder *b) hs_must_check;

/** Finds the dialect of a dump that begins with @text[0..len), of which a
 *  hundred bytes are enough, in line @line of file @name. When it is no heap
 *  dump, the error says what it seems to be. */
struct hs_error *heap_dialect_find(const char *text, size_t len,
				   const char *name, size_t line,
				   heap_dialect **ret) hs_must_check;

/** The line @text[0..len), of which a hundred bytes are enough, is the first of
 *  a dump in a dialect that is known. */
bool heap_dialect_is_start(const char *text, size_t len);

/** Such a line is in @text[0..len), behind others that are text. */
bool heap_dialect_is_inside(const char *text, size_t len);

/** For all dialects: reads addresses, each after blanks, from @at to the end of
 *  the line of @t, as the frames of the next stack. */
struct hs_error *heap_dialect_frames(struct heap_text *t, const char *at,
				     struct heap_builder *b) hs_must_check;

/** Rejects numbers that no objects can have. */
struct hs_error *heap_dialect_check(const struct heap_text *t, uint64_t objects,
				    uint64_t bytes) hs_must_check;

/** Adds the remark that the header, line @line of file @name, has no period:
 * the sampler was off. @hint: how it is switched on. */
struct hs_error *heap_dialect_not_sampled(struct heap_profile *p,
					  const char *name, size_t line,
					  const char *hint) hs_must_check;

#endif
