/**
 * @file sampled_age.h - gives the stacks of a profile the ages and types of
 * their sampled allocations.
 */
#ifndef CONTENTS_SAMPLED_AGE_H
#define CONTENTS_SAMPLED_AGE_H

#include "base/error.h"
#include "contents/sampled.h"
#include "heap/profile.h"

/** Adds to @p, which was read from a dump of the same process, the samples of
 *  each of its stacks that @s has (heap/samples.h). */
struct hs_error *sampled_age(const struct sampled *s,
			     struct heap_profile *p) hs_must_check;

#endif
