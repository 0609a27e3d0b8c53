/**
 * @file memory_use.h - finds out what the memory of a process is used for, and
 * which anonymous mappings are jemalloc's.
 *
 * jemalloc's own records say which is its memory (target/heap_use.h). Where
 * they cannot be read, or describe less than it counts: it reports exactly how
 * much address space it holds, but not where. The anonymous mappings together
 * are larger than that; if the difference is the size of exactly one subset of
 * them, that subset is not jemalloc's. With no such subset, or more than one,
 * they stay undecided.
 */
#ifndef TARGET_MEMORY_USE_H
#define TARGET_MEMORY_USE_H

#include "base/error.h"
#include "heap/profile.h"
#include "proc/status.h"
#include "proc/usage.h"
#include "target/heap_use.h"

/** Adds to @o what the mappings of @usage are used for, by kind, then largest
 *  first. o->owned is the address space that jemalloc holds; @heap, what its
 *  records say of @usage, NULL: not known. Lists the few largest paths of each
 *  kind, and sums up the others. What is swapped out of a mapping that is only
 *  partly jemalloc's is shared out by size. Pure. */
struct hs_error *memory_use_add(const struct usage *usage,
				const struct heap_use *heap,
				struct heap_meta *o) hs_must_check;

/** The same from the kernel's sums alone (proc/status.h): all anonymous memory
 *  stays undecided. */
struct hs_error *memory_use_add_coarse(const struct usage *usage,
				       const struct status *status,
				       struct heap_meta *o) hs_must_check;

#endif
