/**
 * @file samples.h - what is known of the sampled allocations of a stack that
 * are in use, beside their number: how old they are, and what they are.
 */
#ifndef HEAP_SAMPLES_H
#define HEAP_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/profile.h"

enum {
	HEAP_SAMPLES_MAX = 1 << 16, /* of a process, that are looked at */
	HEAP_AGE_UNKNOWN = -1,
};

struct heap_samples {
	uint32_t stack; /* index in the profile's stacks */
	uint32_t n;	/* that were found, at least 1; of all stacks at
			   most HEAP_SAMPLES_MAX */
	/* Their ages, milliseconds; both HEAP_AGE_UNKNOWN where jemalloc does
	 * not keep when it allocated. */
	int64_t median_ms, oldest_ms;
	uint32_t looked_at; /* of n: whose contents were */
	uint32_t of_type;   /* of these: most, that are of one type */
	const char *type;   /* which; the profile's; NULL: of none with a name,
			       and of_type is 0 */
};

/** Adds a copy of @s to @p, whose stacks are complete, with a copy of the type.
 *  *added is false, and nothing is changed, when it contradicts itself or @p,
 *  or does not come after the last one by its stack. */
struct hs_error *heap_samples_add(struct heap_profile *p,
				  const struct heap_samples *s,
				  bool *added) hs_must_check;

/** Forgets them all: they are not of the stacks' counts any more. */
void heap_samples_drop(struct heap_profile *p);

#endif
