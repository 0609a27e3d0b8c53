/**
 * @file inspect.h - one look at what is in the heap of a live process, or at
 * what came into it since an earlier one.
 */
#ifndef CONTENTS_INSPECT_H
#define CONTENTS_INSPECT_H

#include <stdbool.h>

#include "base/demangle_style.h"
#include "base/error.h"
#include "base/monitor.h"
#include "heap/contents.h"
#include "proc/identity.h"
#include "target/heap_regions.h"

struct inspect_options {
	bool no_types; /* count alone: the contents are not looked at */
	bool reach;    /* and who holds them, or that nobody does */
	enum demangle_style demangle;
	int64_t search_us; /* how long its files may be searched */
	uint64_t most;	   /* bytes of memory of this process */
	struct monitor monitor;
};

/** What an earlier look saw. */
struct inspect_past {
	struct heap_regions regions;
	int64_t at_us; /* of CLOCK_MONOTONIC */
};

/** Looks at what process @id has in use now, for a later look.
 *  inspect_past_release() in any case. Errors: live_heap_open(),
 *  live_heap_read(): as much as options->most would not do. */
struct hs_error *inspect_begin(const struct identity *id,
			       const struct inspect_options *options,
			       struct inspect_past *ret) hs_must_check;

void inspect_past_release(struct inspect_past *past);

/** Looks at what it has in use and, when @past is not NULL, what came since
 *  then. When following its pointers would take more than options->most, that
 * is left out, and ret->reach_left_out says so. @ret is initialised, and the
 * caller's also after an error. */
struct hs_error *inspect_take(const struct identity *id,
			      const struct inspect_options *options,
			      const struct inspect_past *past,
			      struct heap_contents *ret) hs_must_check;

#endif
