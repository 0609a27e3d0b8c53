/**
 * @file sampled_find.h - finds the sampled allocations of a process that are in
 * use, their stacks, ages, and what they are. Nothing is called in the
 * process, and no thread of it stands still.
 *
 * jemalloc gives each allocation that its profiler samples an extent of its
 * own, whose record has when it was made, and leads to its stack. What
 * contradicts itself, as the process runs on, is left out, and what would take
 * more than its share of time or memory.
 */
#ifndef CONTENTS_SAMPLED_FIND_H
#define CONTENTS_SAMPLED_FIND_H

#include <signal.h>
#include <stdbool.h>

#include "base/demangle_style.h"
#include "base/error.h"
#include "contents/sampled.h"
#include "proc/identity.h"
#include "target/heap_tree.h"

enum { SAMPLED_US = 50000 }; /* of a CPU that it takes, about */

struct sampled_options {
	const struct identity *id;    /* borrowed */
	const struct heap_tree *tree; /* its records, without memory;
					 borrowed */
	const char *version;	      /* of its jemalloc; NULL: not known */
	bool no_types;		      /* do not look at contents */
	enum demangle_style demangle;
	const volatile sig_atomic_t *stop; /* struct deadline; may be NULL */
};

/** Looks for them. A process that cannot be read, or whose records are not
 *  known, has none. HS_ERROR_NOMEM. sampled_release() in any case. */
struct hs_error *sampled_look(const struct sampled_options *options,
			      struct sampled *ret) hs_must_check;

#endif
