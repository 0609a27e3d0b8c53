/**
 * @file memory_use.h - what the memory of a process is used for, jemalloc's
 * told apart from other anonymous memory.
 *
 * jemalloc does not tell where its memory is, but exactly how much address
 * space it holds. A set of anonymous mappings that is larger by just as much
 * as some of them are is told apart by that; where no such answer is found, or
 * more than one, it stays open.
 */
#ifndef TARGET_MEMORY_USE_H
#define TARGET_MEMORY_USE_H

#include "base/error.h"
#include "heap/profile.h"
#include "proc/status.h"
#include "proc/usage.h"

/** Adds to @o what the mappings of @usage are used for, by kind, then largest
 *  first. o->owned tells jemalloc's apart. Of each kind the few largest paths
 *  are listed, the others are one part. Pure. */
struct hs_error *memory_use_add(const struct usage *usage,
				struct heap_meta *o) hs_must_check;

/** The same when the kernel was asked for sums alone (proc/status.h): what is
 *  anonymous stays undecided as a whole. */
struct hs_error *memory_use_add_coarse(const struct usage *usage,
				       const struct status *status,
				       struct heap_meta *o) hs_must_check;

#endif
