/**
 * @file check_names.h - names the frames of the threads that a check has
 * sampled.
 */
#ifndef NAMES_CHECK_NAMES_H
#define NAMES_CHECK_NAMES_H

#include "base/error.h"
#include "base/file_source.h"
#include "heap/check_report.h"
#include "names/options.h"
#include "proc/maps.h"
#include "symbol/demangle.h"

/** Names the frames of @r's threads by their functions, in the form of @style,
 *  without inlined ones. @maps are the process's maps of that time, @source has
 *  its files. Warns of files that cannot be used, once each. */
struct hs_error *check_names_add(const struct names_options *options,
				 const struct file_source *source,
				 const struct maps *maps,
				 enum demangle_style style,
				 struct check_report *r) hs_must_check;

/** Lists the files of @maps that have code, with their build-ids. */
struct hs_error *check_modules_add(const struct file_source *source,
				   const struct maps *maps,
				   struct check_report *r) hs_must_check;

#endif
