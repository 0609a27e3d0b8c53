/**
 * @file describe.h - what was seen of a live process, in the words of heap/.
 */
#ifndef CLI_DESCRIBE_H
#define CLI_DESCRIBE_H

#include "base/error.h"
#include "base/hash.h"
#include "heap/profile.h"
#include "mallctl/stats.h"

/** Copies where memory is to @o; @strings is to own its texts. */
struct hs_error *describe_memory(struct heap_origin *o, struct intern *strings,
				 const struct stats_memory *m) hs_must_check;

#endif
