/**
 * @file diff_inputs.h - the files that a command is given, as profiles with
 * names.
 */
#ifndef CLI_DIFF_INPUTS_H
#define CLI_DIFF_INPUTS_H

#include <stddef.h>

#include "base/error.h"
#include "cli/options.h"
#include "heap/profile.h"

struct files {
	struct heap_profile *profiles;	   /* owned; as they were given */
	const struct heap_profile **order; /* owned; the same, may be sorted */
	size_t n;
};

/** Reads all operands of @o as its filters want them. files_release() in any
 *  case. */
struct hs_error *files_read(struct files *f,
			    const struct cli_options *o) hs_must_check;

void files_release(struct files *f);

#endif
