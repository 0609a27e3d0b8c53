/**
 * @file builder.h - puts a profile together while a dump is read.
 *
 * Internal to heap/. Each stack is given frame by frame, then closed with its
 * counts. A program address is one location however often it occurs, and a
 * stack that comes again adds to the first.
 */
#ifndef HEAP_FORMAT_BUILDER_H
#define HEAP_FORMAT_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_index.h"
#include "heap/profile.h"

/** The names of a location, before it is known which locations there are. */
struct heap_symbol {
	uint64_t address;
	const char *names; /* the profile's own; outermost first: "f--g" */
};

struct heap_builder {
	struct heap_profile *profile; /* borrowed */
	struct hash_index by_address; /* of locations */
	struct hash_index by_frames;  /* of stacks; empty as long as sorted */
	struct hash_index by_uid;     /* of threads */
	size_t first;		      /* frame of the open stack */
	/* By frame of the last stack and what is there of the open one: bytes
	 * of the line's text up to its end. */
	uint32_t *ends; /* owned */
	size_t n_ends, ends_cap;
	uint32_t last;	   /* stack that was closed last, if there is one */
	size_t repeated;   /* of its frames, the open one begins with these */
	bool unsorted;	   /* a stack did not come behind the one before */
	size_t first_part; /* of the open stack */
	bool want_parts;   /* the profile is to have its parts */
	struct heap_symbol *symbols; /* owned */
	size_t n_symbols, symbols_cap;
};

/** For the empty profile @p, which must outlive it. */
void heap_builder_init(struct heap_builder *b, struct heap_profile *p);

void heap_builder_release(struct heap_builder *b);

#define _cleanup_heap_builder_ __attribute__((cleanup(heap_builder_release)))

/** The next frame, from the leaf on; @address is the one to look up. @end: the
 *  length of the text that the frames up to this one were read from; 0 when
 *  there is none. */
struct hs_error *heap_builder_add_frame(struct heap_builder *b,
					uint64_t address,
					size_t end) hs_must_check;

/** Begins a stack whose text begins with the first @len bytes of that of the
 *  last one: with the frames that are whole within less than these bytes, so
 *  that what ends them is the same too. *end: of the last of these frames; 0:
 *  there is none. */
struct hs_error *heap_builder_repeat(struct heap_builder *b, size_t len,
				     size_t *end) hs_must_check;

/** Thread @uid exists; @name[0..len) may be empty. */
struct hs_error *heap_builder_add_thread(struct heap_builder *b, uint64_t uid,
					 const char *name,
					 size_t len) hs_must_check;

/** Its part of the open stack. */
struct hs_error *
heap_builder_add_part(struct heap_builder *b, uint64_t uid,
		      const struct heap_counts *inuse,
		      const struct heap_counts *allocated) hs_must_check;

/** Closes the stack of the frames since the last one, which may be none.
 *  @allocated: since the start, all 0 when it was not counted. */
struct hs_error *
heap_builder_close_stack(struct heap_builder *b,
			 const struct heap_counts *inuse,
			 const struct heap_counts *allocated) hs_must_check;

/** What is looked up at @address is called @names[0..len), outermost first, as
 *  "outer--inlined". */
struct hs_error *heap_builder_add_symbol(struct heap_builder *b,
					 uint64_t address, const char *names,
					 size_t len) hs_must_check;

/** After the last stack, and when the profile has its maps: sorts the
 *  locations, finds their modules and names, and sums up. */
struct hs_error *heap_builder_finish(struct heap_builder *b) hs_must_check;

#endif
