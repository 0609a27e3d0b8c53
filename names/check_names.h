/**
 * @file check_names.h - names for where the threads of a live process were.
 */
#ifndef NAMES_CHECK_NAMES_H
#define NAMES_CHECK_NAMES_H

#include "base/error.h"
#include "base/file_source.h"
#include "heap/check_report.h"
#include "names/options.h"
#include "proc/maps.h"
#include "symbol/demangle.h"

/** Names the frames of @r's threads: the functions they are in, as @style has
 *  it, not what was inlined there. @maps are the process's of that time,
 * @source has its files. Files that cannot be used are warned of, once each. */
struct hs_error *check_names_add(const struct names_options *options,
				 const struct file_source *source,
				 const struct maps *maps,
				 enum demangle_style style,
				 struct check_report *r) hs_must_check;

#endif
