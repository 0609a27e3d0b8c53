/**
 * @file describe.h - what was seen of a live process, in the words of heap/.
 */
#ifndef CLI_DESCRIBE_H
#define CLI_DESCRIBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "heap/profile.h"
#include "heap/stats.h"
#include "mallctl/stats.h"
#include "proc/identity.h"

/** Tells @o whose memory it was, where and when; @strings is to own its
 *  texts. */
struct hs_error *describe_process(struct heap_origin *o, struct intern *strings,
				  const struct identity *id,
				  int64_t taken_at_us,
				  const char *jemalloc_version,
				  bool borrowed) hs_must_check;

/** Copies where memory is to @o; @strings is to own its texts. */
struct hs_error *describe_memory(struct heap_origin *o, struct intern *strings,
				 const struct stats_memory *m) hs_must_check;

/** All of @stats. *ret is initialised. */
struct hs_error *describe_stats(const struct stats *stats,
				const struct identity *id,
				struct heap_stats *ret) hs_must_check;

#endif
