/**
 * @file samples.h - looks at the sampled allocations of a process of which a
 * snapshot was just taken.
 */
#ifndef SNAP_SAMPLES_H
#define SNAP_SAMPLES_H

#include "base/error.h"
#include "contents/sampled_find.h"

/** sampled_look(), while nobody can read what is in our memory for it, nor a
 *  core file of ours has it. */
struct hs_error *snap_samples_look(const struct sampled_options *options,
				   struct sampled *ret) hs_must_check;

#endif
