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
#include "heap/counts.h"
#include "heap/limits.h"
#include "proc/maps.h"

struct heap_memory; /* heap/memory_part.h */

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
};

#define HEAP_NO_MODULE UINT32_MAX

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

struct heap_stack {
	uint32_t first; /* index of the leaf's location in frames */
	uint32_t depth;
	struct heap_counts inuse;
};

struct heap_thread {
	uint64_t uid;	  /* jemalloc's own number, not a thread id */
	const char *name; /* NULL: none */
};

/** The share of a stack that one thread allocated. It is estimated on its own:
 *  with sampling, and objects of several sizes, shares need not add up to the
 *  whole. */
struct heap_part {
	uint32_t stack;	 /* index in stacks; ascending */
	uint32_t thread; /* index in threads */
	struct heap_counts inuse, allocated;
};

/** A snapshot's metadata: how it was taken; NULL, -1 or 0 where not known. */
struct heap_meta {
	const char *file;    /* its name as the user gave it */
	int64_t pid;	     /* -1: not known */
	const char *command; /* "redis-server" */
	const char *command_line;
	const char *hostname;
	const char *taken_at; /* ISO 8601 with zone: "2026-11-23T06:04:17Z" */
	int64_t taken_at_us;  /* microseconds since the epoch, -1 */
	uint64_t start_time;  /* of the process, clock ticks since boot */
	const char *jemalloc_version;
	const char *mode; /* "guest" (by a helper thread), "borrowed" */
	int64_t borrowed_tid, pause_us, dump_us, dump_bytes; /* -1: not known */
	/* jemalloc's own numbers, bytes; -1: not known */
	int64_t allocated, active, metadata, resident, mapped, retained, rss;
	int64_t dirty, muzzy; /* freed pages that jemalloc keeps */
	int64_t tcache;	      /* of allocated: in thread caches */
	int64_t owned;	      /* address space that jemalloc holds */
	struct heap_limit limits[HEAP_LIMITS];
	/* Of allocated: large objects; and what these would be as the largest
	 * and as the smallest of their size classes (heap/large_sizes.h). */
	int64_t large_allocated, large_most, large_least;
	int64_t page; /* bytes of a page of jemalloc's; -1: not known */
	struct heap_memory *memory; /* owned; what the mappings are used for */
	size_t n_memory, memory_cap;
	/* Owned; ascending by size, classes without regions may be left out.
	 * None: not known. */
	struct heap_class_count *class_counts;
	size_t n_class_counts, class_counts_cap;
	int prof_active, prof_accum; /* 0, 1; -1: not known */
	int opt_prof_active;	     /* prof_active at its start; the same */
	int thread_active_init;	     /* new threads are profiled; the same */
	int large_classes;	     /* large sizes are those of classes; -1 */
	struct intern strings;	     /* owns the strings, those of memory too */
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
	struct heap_thread *threads;
	size_t n_threads, threads_cap;
	struct heap_part *parts; /* only if asked for (heap/format/read.h) */
	size_t n_parts, parts_cap;
	struct heap_name *names;
	size_t n_names, names_cap;
	struct heap_counts total; /* sum over the stacks, in use */
	bool partial;	       /* what some threads allocated was taken away */
	struct maps maps;      /* from MAPPED_LIBRARIES; may be empty */
	struct intern strings; /* owns all strings above but meta's */
};

/** Makes an empty profile with all metadata unknown. */
void heap_profile_init(struct heap_profile *p);

void heap_profile_release(struct heap_profile *p);

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

/** Marks all fields as unknown. */
void heap_meta_init(struct heap_meta *meta);

void heap_meta_release(struct heap_meta *meta);

/** Sets the time: @us microseconds after the epoch. */
struct hs_error *heap_meta_set_time(struct heap_meta *meta,
				    int64_t us) hs_must_check;

/** A thread of the process was borrowed, as no helper thread could be
 *  started. */
bool heap_meta_borrowed(const struct heap_meta *meta);

/** The location whose address is @address, or NULL. Owned by @p. */
const struct heap_location *heap_profile_location(const struct heap_profile *p,
						  uint64_t address);

/** The address that addr2line -e takes for @loc; false when not known. */
bool heap_location_elf_address(const struct heap_profile *p,
			       const struct heap_location *loc, uint64_t *ret);

#endif
