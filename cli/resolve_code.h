/**
 * @file resolve_code.h - names of code that a process made at run time.
 */
#ifndef CLI_RESOLVE_CODE_H
#define CLI_RESOLVE_CODE_H

#include "base/error.h"
#include "cli/options.h"
#include "cli/resolve.h"
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
