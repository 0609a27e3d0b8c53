/**
 * @file jit_names.h - names of code that a process made at run time.
 */
#ifndef NAMES_JIT_NAMES_H
#define NAMES_JIT_NAMES_H

#include "base/error.h"
#include "cli/options.h"
#include "names/resolver.h"
#include "heap/profile.h"

/**
 * Names the locations of @p that are in no file, by what the process wrote
 * about them; only when @source has just seen it (resolve_is_live()), since
 * such code comes and goes. What cannot be used is warned of.
 */
struct hs_error *resolve_made_code(const struct cli_options *o,
				   const struct resolve_source *source,
				   struct heap_profile *p) hs_must_check;

#endif
