/**
 * @file graph_live.h - looks at the heap of a process that runs: several times,
 * a moment apart, and then knows what is leaked, and who holds the rest.
 *
 * The process is read passively (proc/passive_memory.h): no call in it, nothing
 * stands still.
 */
#ifndef CONTENTS_GRAPH_LIVE_H
#define CONTENTS_GRAPH_LIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/deadline.h"
#include "base/error.h"
#include "contents/graph_leaks.h"
#include "proc/passive_memory.h"
#include "target/jemalloc.h"
#include "target/thread_caches.h"

struct graph_live_options {
	pid_t pid;
	const struct loaded_file *file; /* borrowed: the one with jemalloc */
	bool shared;	  /* which is a library, with nothing else in it */
	uint64_t rate;	  /* bytes read a second; 0: any */
	uint64_t most;	  /* bytes of memory for all that is known */
	unsigned looks;	  /* 2 or more; each makes errors rarer */
	int64_t apart_us; /* from the end of a look to the next */
	const struct deadline *deadline; /* borrowed; NULL: none */
};

/** What the last look found. It stays where it is: parts of it point to
 *  others. */
struct graph_live {
	struct usage usage;
	struct passive_memory memory;
	struct heap_ranges ranges; /* of the usage that were looked at */
	struct heap_tree tree;
	struct heap_regions regions;
	struct thread_caches caches;
	struct roots roots;
	struct graph_index index;
	struct graph graph;
	struct holders holders;
	struct leaks leaks;
	uint64_t unreached_first; /* regions that the first look did not reach */
	/* Threads whose registers were not seen: each may have pointers there
	 * that are nowhere else. */
	size_t threads;
	uint64_t read; /* bytes, in all looks */
};

/** HS_ERROR_NOT_FOUND: its records cannot be read; HS_ERROR_GREW: there is more
 *  than options->most allows; HS_ERROR_GONE, HS_ERROR_DENIED, what the deadline
 *  says. graph_live_release() in any case. */
struct hs_error *graph_live_look(const struct graph_live_options *options,
				 struct graph_live *ret) hs_must_check;

void graph_live_release(struct graph_live *live);

#endif
