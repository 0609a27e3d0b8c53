/**
 * @file pprof_drop.h - the functions that a profile of pprof wants left out.
 *
 * Internal to heap/. Its drop_frames are a regular expression for names of
 * functions that are of no interest, such as the allocator's: they and what
 * they call are left out of stacks, unless keep_frames matches the name, too.
 * As `go tool pprof' does it. (pprof, profile/prune.go)
 */
#ifndef HEAP_FORMAT_PPROF_DROP_H
#define HEAP_FORMAT_PPROF_DROP_H

#include <stdbool.h>

#include "base/error.h"
#include "heap/format/pprof_message.h"

struct pprof_drop;

/** *ret: NULL when the profile wants nothing left out; *readable: false when it
 *  does, by an expression that cannot be followed. pprof_drop_destroy(). */
struct hs_error *pprof_drop_create(const struct pprof_message *m,
				   struct pprof_drop **ret,
				   bool *readable) hs_must_check;

void pprof_drop_destroy(struct pprof_drop *d);

/** The function of this name is to be left out, with what it calls. */
struct hs_error *pprof_drop_matches(const struct pprof_drop *d,
				    const char *name, bool *ret) hs_must_check;

#endif
