/**
 * @file check_changes.h - counts what a snapshot changes in a process.
 *
 * A check makes all of that but the dump, so it is counted, not estimated: what
 * jemalloc and the C library keep of it is there after the check, and a
 * snapshot finds it.
 */
#ifndef MALLCTL_CHECK_CHANGES_H
#define MALLCTL_CHECK_CHANGES_H

#include <stdint.h>

#include "base/error.h"
#include "mallctl/findings.h"
#include "mallctl/mallctl.h"

/** The process before it was attached to. */
struct check_before {
	int64_t at_us;		      /* clock_us() */
	uint64_t resident, addresses; /* bytes */
};

struct hs_error *check_changes_begin(const struct identity *id,
				     struct check_before *ret) hs_must_check;

/** While the session is open. @path: where a dump would go, of
 *  prof_dump_rehearse(); "": nowhere. */
struct hs_error *check_changes_count(struct session *s,
				     const struct check_before *before,
				     const char *path,
				     struct check *check) hs_must_check;

/** After the helper thread has ended. */
struct hs_error *check_changes_end(const struct identity *id,
				   const struct check_before *before,
				   struct check *check) hs_must_check;

#endif
