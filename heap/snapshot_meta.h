/**
 * @file snapshot_meta.h - what is known of a snapshot beside its stacks.
 */
#ifndef HEAP_SNAPSHOT_META_H
#define HEAP_SNAPSHOT_META_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/intern.h"
#include "heap/counts.h"
#include "heap/limits.h"

struct heap_memory; /* heap/memory_part.h */

/** The largest number, in bytes or anything else, that a process or a file is
 *  believed: 2^55, since no process has more addresses. So a hundred of them can
 *  be added. Larger ones are refused in a file, and of a process not known. */
#define HEAP_NUMBER_MAX (INT64_C(1) << 55)

#define HEAP_DECAY_NEVER HEAP_NUMBER_MAX

/** A snapshot's metadata: how it was taken; NULL, -1 or 0 where not known. */
struct heap_meta {
	const char *file; /* its name as the user gave it */
	/* Of the regular file that it was read from; inode 0: of none. */
	uint64_t device, inode;
	int64_t mtime;	     /* seconds since the epoch */
	int64_t pid;	     /* -1: not known */
	const char *command; /* "redis-server" */
	const char *command_line;
	const char *hostname;
	const char *taken_at; /* ISO 8601 with zone: "2026-11-23T06:04:17Z" */
	int64_t taken_at_us;  /* microseconds since the epoch, -1 */
	uint64_t start_time;  /* of the process, clock ticks since boot */
	const char *jemalloc_version;
	const char *mode; /* "guest" (by a helper thread), "borrowed" */
	const char *stopped_thread; /* name of the one stopped for pause_us */
	int64_t borrowed_tid, pause_us, dump_us, dump_bytes; /* -1: not known */
	int64_t counters_us; /* after taken_at_us, of the numbers below; -1 */
	/* jemalloc's own numbers, bytes; -1: not known */
	int64_t allocated, active, metadata, resident, mapped, retained, rss;
	int64_t dirty, muzzy; /* freed pages that jemalloc keeps */
	/* How long it keeps them as such, of its first arena; HEAP_DECAY_NEVER:
	 * until it needs them. */
	int64_t dirty_decay_ms, muzzy_decay_ms;
	int64_t tcache; /* of allocated: in thread caches */
	int64_t owned;	/* address space that jemalloc holds */
	struct heap_limit limits[HEAP_LIMITS];
	/* Of rss, by jemalloc's records, bytes: pages in use, freed ones (by
	 * what was done with them), its own data. -1: not known. */
	int64_t active_rss, dirty_rss, muzzy_rss, retained_rss, metadata_rss;
	/* Of allocated: large objects; and what these would be as the largest
	 * and as the smallest of their size classes (heap/large_sizes.h). */
	int64_t large_allocated, large_most, large_least;
	int64_t page; /* bytes of a page of jemalloc's; -1: not known */
	/* Of rss, memory that n processes share counted as an nth; only known
	 * of one that was looked at together with others. */
	int64_t pss;
	int64_t parent_pid; /* -1: not known */
	int64_t processes;  /* merged into this; -1: it is one */
	/* Small objects that were sampled, and their bytes; counted by
	 * heap/sampling_cost.h, 0 unless that was done. Not in files. */
	int64_t sampled_small, sampled_small_bytes;
	struct heap_memory *memory; /* owned; what the mappings are used for */
	size_t n_memory, memory_cap;
	int64_t memory_sum; /* of all numbers in memory: HEAP_NUMBER_MAX at
			       most */
	/* Owned; ascending by size, classes without regions may be left out.
	 * None: not known. */
	struct heap_class_count *class_counts;
	size_t n_class_counts, class_counts_cap;
	int64_t class_sum;	     /* their bytes */
	int prof_active, prof_accum; /* 0, 1; -1: not known */
	int opt_prof_active;	     /* prof_active at its start; the same */
	int thread_active_init;	     /* new threads are profiled; the same */
	int large_classes;	     /* large sizes are those of classes; -1 */
	struct intern strings;	     /* owns the strings, those of memory too */
};

/** Adds a size class to @meta, as long as sizes ascend and all bytes stay below
 *  HEAP_NUMBER_MAX. *added: they do. */
struct hs_error *heap_meta_add_class(struct heap_meta *meta, uint64_t size,
				     uint64_t regions,
				     bool *added) hs_must_check;

/** Marks all fields as unknown. */
void heap_meta_init(struct heap_meta *meta);

void heap_meta_release(struct heap_meta *meta);

/** Sets the time: @us microseconds after the epoch. */
struct hs_error *heap_meta_set_time(struct heap_meta *meta,
				    int64_t us) hs_must_check;

/** A thread of the process was borrowed, as no helper thread could be
 *  started. */
bool heap_meta_borrowed(const struct heap_meta *meta);

#endif
