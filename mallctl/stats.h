/**
 * @file stats.h - jemalloc's own numbers, and where the memory of the process
 * is; with or without profiling.
 */
#ifndef MALLCTL_STATS_H
#define MALLCTL_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/error.h"
#include "target/memory_use.h"
#include "mallctl/session.h"
#include "proc/identity.h"
#include "proc/usage.h"

/** Bytes; -1: not known. The first ones are as in jemalloc(3), stats.*. */
struct stats_ledger {
	int64_t allocated, active, metadata, resident, mapped, retained;
	int64_t dirty, muzzy; /* freed pages that were not given back */
	int64_t tcache;	      /* of allocated: kept by threads for themselves */
	int64_t owned;	      /* address space that it holds */
	int64_t rss;	      /* of the process */
};

/** The memory of a process at one moment. */
struct stats_memory {
	struct stats_ledger ledger;
	struct usage usage;   /* what memory borrows from */
	struct memory memory; /* empty when it could not be read */
};

/** Regions of one size. */
struct stats_class {
	uint64_t size; /* bytes */
	int64_t regions;
	int64_t slabs;	  /* -1: large, every region stands alone */
	int64_t capacity; /* regions in a slab; 0 when large */
};

struct stats_classes {
	struct stats_class *items; /* owned; ascending by size */
	size_t n, cap;
};

struct stats_arena {
	uint64_t index;
	/* -1: not known; bytes but for threads */
	int64_t threads, allocated, active, dirty, muzzy, retained;
};

struct stats_arenas {
	struct stats_arena *items; /* owned; ascending by index */
	size_t n, cap;
};

/** A setting of jemalloc's; text, as its documentation has it. */
struct stats_setting {
	const char *name; /* static: "background_thread" */
	char value[24];	  /* "true", "10000" */
};

enum { STATS_SETTINGS = 12 };

struct stats_options {
	struct session_options session;
	bool arenas; /* also each arena by itself */
};

struct stats {
	int64_t taken_at_us;	     /* microseconds since the epoch */
	char *jemalloc_version;	     /* owned; NULL: not known */
	struct hs_error *no_profile; /* owned: why there are no stacks, and
					what to do; NULL: there are */
	struct stats_memory memory;
	struct stats_classes classes; /* only those with regions or slabs */
	struct stats_arenas arenas;
	struct stats_setting settings[STATS_SETTINGS];
	size_t n_settings;
	bool borrowed; /* as of struct snapshot */
	int64_t host_tid;
	int64_t pause_us, read_us; /* read_us: all values */
};

/** Reads all of it from process @id. HS_ERROR_UNPROFILED when its jemalloc was
 *  built without statistics; else as session_open(). stats_release(). */
struct hs_error *stats_take(const struct identity *id,
			    const struct stats_options *options,
			    const struct deadline *d,
			    struct stats *ret) hs_must_check;

void stats_release(struct stats *stats);

/** All -1, nothing in it. */
void stats_memory_init(struct stats_memory *m);

/** Only what is in the session's process: jemalloc's numbers, unless @no_stats,
 *  and the kernel's. A kernel that does not tell is no error. @m is
 *  initialised. */
struct hs_error *stats_memory_read(struct session *s, bool no_stats,
				   struct stats_memory *m) hs_must_check;

void stats_memory_release(struct stats_memory *m);

#endif
