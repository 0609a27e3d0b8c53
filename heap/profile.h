/**
 * @file profile.h - one heap profile in memory.
 *
 * A profile is a few flat arrays: modules, locations (unique program
 * addresses), stacks (runs of location indices) and the names of locations.
 * Numbers are estimates of the true heap: the sampling bias is already gone.
 */
#ifndef HEAP_PROFILE_H
#define HEAP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/intern.h"
#include "heap/counts.h"
#include "heap/snapshot_meta.h"
#include "proc/maps.h"

struct heap_remark; /* heap/remarks.h */

/**
 * Code from one file (a path with its device and inode), the kernel's "[vdso]",
 * or executable memory without a file ("[anon]", or the maps' name), where
 * offsets are the addresses. Only modules with a location are listed, ascending
 * by their lowest one.
 */
struct heap_module {
	const char *path;     /* as in the maps, without " (deleted)" */
	const char *build_id; /* lower-case hex, NULL: not known */
	/* Maps file offsets to the module's own addresses: offset + bias is the
	 * address that addr2line -e takes. One entry per executable segment. */
	struct heap_segment {
		uint64_t offset, size; /* bytes of the file */
		uint64_t address;      /* of the byte at offset */
	} * segments;
	size_t n_segments; /* 0: not known */
	bool allocator;	   /* this module contains jemalloc */
	/* The offsets of its locations are the module's own addresses, as long
	 * as its segments are not known. heap_profile_place_module() */
	bool own_addresses;
};

#define HEAP_NO_MODULE UINT32_MAX

/** Addresses from here to twice this stand for none, as what tells of code by
 *  its names only, or by its place in a file. They keep locations apart, in one
 *  profile, and mean nothing else. No CPU has code there. */
#define HEAP_INVENTED_ADDRESSES (UINT64_C(1) << 62)

static inline bool heap_address_is_invented(uint64_t address)
{
	return address >> 62 == 1;
}

/** One program address. Without a module: nothing executable was mapped there
 *  when the profile was taken. The key across runs is (module's build-id or
 *  path, offset); address is only valid for this run. */
struct heap_location {
	uint64_t address; /* the lookup key: PC, minus 1 for callers */
	uint64_t offset;  /* file offset of address; the address itself without
			     module */
	uint32_t module;  /* index, or HEAP_NO_MODULE */
	uint32_t names;	  /* index of the first name in names.items */
	uint32_t n_names; /* 0: none */
};

/** A source-level frame of a location, innermost first. */
struct heap_name {
	const char *function; /* linkage name; NULL: unknown */
	const char *file;     /* NULL: unknown */
	uint32_t line;	      /* 0: unknown */
	bool inlined;	      /* into the one after it */
};

/** Mixes @names[0..n) into @h, by what they say. */
struct hash heap_names_hash(struct hash h, const struct heap_name *names,
			    size_t n);

/** @a[0..n_a) and @b[0..n_b) say the same. */
bool heap_names_equal(const struct heap_name *a, size_t n_a,
		      const struct heap_name *b, size_t n_b);

struct heap_stack {
	uint32_t first; /* index of the leaf's location in frames */
	uint32_t depth;
	struct heap_counts inuse;
};

struct heap_thread {
	uint64_t uid;	  /* jemalloc's own number, not a thread id */
	const char *name; /* NULL: none */
};

/** The share of a stack that one thread allocated, estimated on its own: shares
 *  need not add up to the whole. */
struct heap_part {
	uint32_t stack;	 /* index in stacks; ascending */
	uint32_t thread; /* index in threads */
	struct heap_counts inuse, allocated;
};

/** The kind of memory that a profile counts. */
enum heap_kind {
	HEAP_LIVE,	/* live objects */
	HEAP_GROWTH,	/* memory obtained from the system (gperftools) */
	HEAP_FRAGMENTS, /* memory lost between objects (gperftools) */
};

struct heap_profile {
	struct heap_meta meta;
	enum heap_kind kind;
	uint64_t sample_period; /* bytes; 1: every allocation was sampled */
	bool sampling_unknown;	/* it is 1, but samples there may be */
	struct heap_module *modules;
	size_t n_modules, modules_cap;
	struct heap_location *locations; /* ascending by address, unique */
	size_t n_locations, locations_cap;
	uint32_t *frames; /* location indices */
	size_t n_frames, frames_cap;
	struct heap_stack *stacks; /* each with frames of its own */
	size_t n_stacks, stacks_cap;
	/* What the stacks allocated since the start, freed or not; one per
	 * stack. NULL: not counted (jemalloc counts with prof_accum only). */
	struct heap_counts *allocated;
	size_t allocated_cap;
	const char *why_not_allocated; /* a sentence; NULL: not counted */
	bool no_inuse;	 /* only allocated is counted; inuse is 0 */
	bool no_objects; /* bytes alone are counted; objects are 0 */
	/* Of inuse, what processes that were merged have from before they were
	 * forked, and a parent that was merged has, too; one per stack. NULL:
	 * nothing. heap/inherited.h */
	struct heap_counts *inherited;
	struct heap_counts inherited_total;
	struct heap_thread *threads;
	size_t n_threads, threads_cap;
	struct heap_part *parts; /* only if asked for (heap/format/read.h) */
	size_t n_parts, parts_cap;
	struct heap_samples *samples; /* owned; ascending by stack */
	size_t n_samples, samples_cap, n_sampled; /* the last: in all */
	struct heap_name *names;
	size_t n_names, names_cap;
	struct heap_counts total; /* sum over the stacks, in use */
	bool partial; /* what some threads allocated was taken away */
	struct heap_remark *remarks; /* owned */
	size_t n_remarks, remarks_cap;
	struct maps maps;      /* from MAPPED_LIBRARIES; may be empty */
	struct intern strings; /* owns all strings above but meta's */
};

/** Makes an empty profile with all metadata unknown. */
void heap_profile_init(struct heap_profile *p);
void heap_profile_release(struct heap_profile *p);

/** Frees the locations: nobody asks for them any more. */
void heap_profile_drop_locations(struct heap_profile *p);

/** The same for stacks [0, @end), but for p->allocated. */
void heap_profile_drop_stacks(struct heap_profile *p, size_t end);

/** Replaces the names of location @index by copies of @names[0..n), which must
 *  not be the profile's own. */
struct hs_error *heap_profile_set_names(struct heap_profile *p, size_t index,
					const struct heap_name *names,
					size_t n) hs_must_check;

/** Sets build-id (hex, copied, may be NULL) and segments (copied) of module
 *  @index. */
struct hs_error *heap_profile_set_module(struct heap_profile *p, size_t index,
					 const char *build_id,
					 const struct heap_segment *segments,
					 size_t n_segments) hs_must_check;

/** Makes of the own addresses of module @index, whose segments are known,
 *  offsets. false: its file has no code at one of them, so it is another one;
 *  nothing is changed then. */
bool heap_profile_place_module(struct heap_profile *p, uint32_t index);

/** The code at @loc is in no module, whatever the maps say. */
void heap_location_leave_module(struct heap_location *loc);

/** The code at @loc is known by its names only: the key across runs. */
bool heap_location_is_by_name(const struct heap_location *loc);

/** The location whose address is @address, or NULL. Owned by @p. */
const struct heap_location *heap_profile_location(const struct heap_profile *p,
						  uint64_t address);

/** The address that addr2line -e takes for the byte at @offset of @module's
 *  file; false when not known. */
bool heap_module_elf_address(const struct heap_module *module, uint64_t offset,
			     uint64_t *ret);

/** The same for @loc. */
bool heap_location_elf_address(const struct heap_profile *p,
			       const struct heap_location *loc, uint64_t *ret);

#endif
