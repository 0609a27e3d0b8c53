/**
 * @file builder.h - builds a profile from the stacks of a dump.
 *
 * Internal to heap/. Each stack is given frame by frame, then closed with its
 * counts. A program address is one location however often it occurs, and a
 * repeated stack adds to the first one.
 */
#ifndef HEAP_FORMAT_BUILDER_H
#define HEAP_FORMAT_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_index.h"
#include "heap/format/frame_memo.h"
#include "heap/format/totals.h"
#include "heap/profile.h"

/** The names of an address, until the locations are complete. */
struct heap_symbol {
	uint64_t address;
	const char *names; /* the profile's own; outermost first: "f--g" */
};

/** A function that is called at an address. */
struct heap_call {
	uint64_t address;
	struct heap_name name; /* the profile's own strings */
};

struct heap_builder {
	struct heap_profile *profile; /* borrowed; without locations so far */
	/* Owned; where the code is, in the order of the file: what frames point
	 * to until the locations are made. */
	uint64_t *addresses;
	size_t n_addresses, addresses_cap;
	struct frame_memo *memo; /* owned; of callers; NULL: none yet */
	struct hash_index by_address;
	struct hash_index by_frames; /* of stacks; empty as long as sorted */
	struct hash_index by_uid;    /* of threads */
	size_t first;		     /* frame of the open stack */
	/* Per frame of the last stack, and of the open one so far: bytes of the
	 * line's text up to the frame's end. */
	uint32_t *ends; /* owned */
	size_t n_ends, ends_cap;
	uint32_t last;	 /* stack that was closed last, if there is one */
	size_t repeated; /* of its frames, as many begin the open one */
	bool unsorted;	 /* a stack was out of order */
	bool complete;	 /* the open stack is, and hash is that of it */
	uint64_t hash;
	size_t first_part;  /* of the open stack */
	bool want_parts;    /* fill in threads and parts */
	bool live_only;	    /* leave profile.allocated out */
	size_t n_allocated; /* stacks that have a number there */
	bool calls;	    /* the leaf is a return address, too, as in Go */
	struct heap_totals totals;
	struct heap_symbol *symbols; /* owned */
	size_t n_symbols, symbols_cap;
	struct heap_call *named; /* owned; names with files and lines */
	size_t n_named, named_cap;
	struct hash_index named_index; /* of the first of each address */
	size_t open; /* first name of the last address, + 1; 0: complete */
};

/** Builds into the empty profile @p, which must outlive the builder. */
void heap_builder_init(struct heap_builder *b, struct heap_profile *p);

void heap_builder_release(struct heap_builder *b);

#define _cleanup_heap_builder_ __attribute__((cleanup(heap_builder_release)))

/** Adds the next frame, from the leaf on; @address is the lookup address. @end:
 *  the length of the text of the frames up to this one; 0 without text. */
struct hs_error *heap_builder_add_frame(struct heap_builder *b,
					uint64_t address,
					size_t end) hs_must_check;

/** The frame added last is a caller whose text is @text[0..len), in a line of a
 *  struct heap_text: it is known from then on, mostly. */
void heap_builder_know_frame(struct heap_builder *b, const char *text,
			     size_t len);

/** Adds callers by their text, a blank before each, from @at on in the line of
 *  a struct heap_text, as long as they are known and there is room. @start:
 *  where the text of the frames begins. Returns the end of what was added. */
const char *heap_builder_add_known(struct heap_builder *b, const char *start,
				   const char *at);

/** Begins a stack whose text begins with the first @len bytes of the last
 *  stack's text. Takes over the frames that end before the last of these bytes,
 *  so that the byte after each frame is the same too. *end: the end of the last
 *  of these frames; 0: there is none. */
struct hs_error *heap_builder_repeat(struct heap_builder *b, size_t len,
				     size_t *end) hs_must_check;

/** Adds thread @uid; @name[0..len) may be empty. */
struct hs_error *heap_builder_add_thread(struct heap_builder *b, uint64_t uid,
					 const char *name,
					 size_t len) hs_must_check;

/** Adds the thread's share of the open stack. */
struct hs_error *
heap_builder_add_part(struct heap_builder *b, uint64_t uid,
		      const struct heap_counts *inuse,
		      const struct heap_counts *allocated) hs_must_check;

/** The open stack has all of its frames: begins to look for an earlier one like
 *  it, for whoever has numbers to read before the stack is closed. */
void heap_builder_complete_stack(struct heap_builder *b);

/** Closes the open stack, which may have no frames. @allocated: since the
 *  start, all 0 when it was not counted. */
struct hs_error *
heap_builder_close_stack(struct heap_builder *b,
			 const struct heap_counts *inuse,
			 const struct heap_counts *allocated) hs_must_check;

/** Names the lookup address @address @names[0..len), outermost first, as
 *  "outer--inlined". */
struct hs_error *heap_builder_add_symbol(struct heap_builder *b,
					 uint64_t address, const char *names,
					 size_t len) hs_must_check;

/** Names the lookup address @address @function[0..len), in @file at @line.
 * Those of one address follow each other, innermost first, the ones before the
 * last inlined; an address that was named before, and is not the last one,
 * keeps what it has. */
struct hs_error *
heap_builder_add_call(struct heap_builder *b,
		      const struct heap_call *call) hs_must_check;

/** Call after the last stack, when the profile has its maps: makes the
 *  locations, finds their modules and names, and sums up. */
struct hs_error *heap_builder_finish(struct heap_builder *b) hs_must_check;

#endif
