/**
 * @file contents.h - what is in the heap of a process, by what its regions
 * begin with: no names of values, only of types and shapes.
 */
#ifndef HEAP_CONTENTS_H
#define HEAP_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/intern.h"
#include "heap/snapshot_meta.h"

/** By what a region was recognised. */
enum contents_kind {
	CONTENTS_CXX,	   /* its type information, or its vtable */
	CONTENTS_PYTHON,   /* the type of a Python object */
	CONTENTS_C,	   /* it points to something that has a name */
	CONTENTS_TEXT,	   /* characters */
	CONTENTS_ZEROS,	   /* nothing but zeros where it begins */
	CONTENTS_POINTERS, /* pointers, by where they are */
	CONTENTS_NUMBERS,  /* small numbers */
	CONTENTS_OTHER,	   /* by nothing */
	CONTENTS_ABSENT,   /* not in memory: never touched, or swapped out */
	CONTENTS_KINDS,
};

/** "c++", "python", ...; static. */
const char *contents_kind_name(enum contents_kind kind);

/** Regions that begin alike. */
struct contents_type {
	const char *name; /* "shop::session" */
	enum contents_kind kind;
	/* Regions that were looked at and are of it; then, of all that there
	 * are, the estimate, its bytes (of the regions), and the variances of
	 * both: 0 when all were looked at. */
	int64_t seen, objects, bytes;
	double variance, bytes_variance;
	/* Of these, leaked; 0 when that was not looked for. */
	int64_t seen_leaked, leaked, leaked_bytes;
};

/** Of regions in use: whether something of the process leads to them. */
struct contents_reach {
	int64_t held;	  /* its own memory does */
	int64_t direct;	  /* leaked: nothing does, nor points to it */
	int64_t indirect; /* leaked: only what is leaked points to it */
	int64_t moved;	  /* not found this time, and before, or new */
};

/** What leads to regions. */
struct contents_holder {
	const char *name; /* of a global: as in its file; else words */
	int64_t objects, bytes;
};

/** Regions of one size class. */
struct contents_class {
	uint64_t size;	/* bytes; large ones may have fewer (5.3.1) */
	int64_t live;	/* regions in use, exactly */
	int64_t cached; /* freed, and kept by a thread */
	/* Of an interval: regions that are in use now and were not before, and
	 * the other way round. */
	int64_t came, went;
	int64_t live_bytes, cached_bytes, came_bytes, went_bytes;
	int64_t looked_at; /* of those that the types are of */
	/* When it was looked for: objects, and their bytes. */
	struct contents_reach reach, reach_bytes;
	struct contents_type *types; /* owned; most objects first */
	size_t n_types, types_cap;
};

struct heap_contents {
	struct heap_meta meta; /* of the process; without jemalloc's numbers */
	const char *layout;    /* versions of jemalloc: "5.1, 5.2"; static */
	/* Of the types: what came within so many microseconds; -1: all that is
	 * in use. */
	int64_t interval_us;
	bool no_types; /* they were not asked for */
	/* Only those with anything. Owned; ascending by size. */
	struct contents_class *classes;
	size_t n_classes;
	struct contents_type *types; /* of all classes; owned; largest first */
	size_t n_types;
	bool reach; /* it was looked for: by then some may have come or gone */
	const char *reach_left_out;	 /* why it was not, though asked for */
	struct contents_holder *holders; /* owned; most bytes first */
	size_t n_holders;
	int64_t threads; /* whose registers may have pointers, too */
	bool in_kernel;	 /* as may the kernel: what nobody can read */
	int64_t caches;	 /* of threads, that were found */
	int64_t unclear; /* slabs that changed while they were read */
	int64_t read_bytes, read_us;
	int64_t memory_bytes;  /* the most that this process had */
	int64_t swapped;       /* pages left out, since they are swapped out */
	struct intern strings; /* owns the types' names */
};

void heap_contents_init(struct heap_contents *c);

void heap_contents_release(struct heap_contents *c);

/** Regions that were looked at, by class and type; the names are interned in
 *  the contents' strings. */
struct contents_count {
	uint32_t class; /* index */
	enum contents_kind kind;
	const char *name;
	int64_t seen, leaked;
	int64_t bytes, leaked_bytes; /* of these */
	double squares;		     /* sum of squared bytes of those seen */
};

/** Makes the types of all classes of @counts[0..n), which has a class and type
 *  once, and for each class looked_at regions. With an interval they are those
 *  that came. */
struct hs_error *heap_contents_estimate(struct heap_contents *c,
					const struct contents_count *counts,
					size_t n) hs_must_check;

/** Sums over the classes. */
struct contents_sum {
	int64_t objects, bytes;	      /* in use */
	int64_t cached, cached_bytes; /* by threads */
	int64_t came, came_bytes, went, went_bytes;
};

struct contents_sum heap_contents_sum(const struct heap_contents *c);

/** Sums over the classes, of objects and of bytes. */
void heap_contents_reach(const struct heap_contents *c,
			 struct contents_reach *objects,
			 struct contents_reach *bytes);

#endif
