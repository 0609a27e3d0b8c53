/**
 * @file snapshot.h - takes one snapshot of a live process: its dump, and
 * metadata about how it was taken.
 */
#ifndef MALLCTL_SNAPSHOT_H
#define MALLCTL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/spool.h"
#include "heap/profile.h"
#include "mallctl/prof_dump.h"
#include "mallctl/session.h"
#include "mallctl/standing.h"
#include "proc/identity.h"
#include "target/heap_tree.h"

struct snapshot_options {
	struct session_options session;
	bool no_stats;	    /* do not read stats.* */
	bool last;	    /* no other snapshot follows in the session */
	bool beside_others; /* reported together with others: meta.pss */
	struct prof_dump_options dump;
};

struct snapshot {
	struct spool dump;     /* whole, with MAPPED_LIBRARIES */
	struct heap_meta meta; /* all but the file name */
	char *jemalloc_path;   /* owned: the file it is in; NULL: unknown */
	char *jemalloc_prefix; /* owned: of its symbols, mostly "" */
	size_t n_jemallocs;    /* in the process */
	bool jemalloc_shared;  /* a shared library */
	/* Where jemalloc's records are; without a layout: not known. It has no
	 * memory. */
	struct heap_tree heap;
};

/**
 * Takes a snapshot of process @id in @standing, which it opens when it is not,
 * and lets rest or, with options->last or an error, closes. Errors beside those
 * of session_open(): HS_ERROR_NO_PROFILE when jemalloc was built without
 * profiling or it is off (with what to set, in the hint). snapshot_release().
 */
struct hs_error *snapshot_take(struct standing *standing,
			       const struct identity *id,
			       const struct snapshot_options *options,
			       const struct deadline *d,
			       struct snapshot *ret) hs_must_check;

void snapshot_release(struct snapshot *snapshot);

#endif
