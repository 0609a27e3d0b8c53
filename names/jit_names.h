/**
 * @file jit_names.h - names of code that a process made at run time.
 */
#ifndef NAMES_JIT_NAMES_H
#define NAMES_JIT_NAMES_H

#include "base/error.h"
#include "base/file_source.h"
#include "base/monitor.h"
#include "heap/profile.h"

/**
 * Names the locations of @p that are in no file, by what the process of
 * @source, which has open_perf_map, wrote about them. @p was taken just now:
 * such code comes and goes. @monitor is warned of what cannot be used.
 */
struct hs_error *jit_names_add(const struct file_source *source,
			       const struct monitor *monitor,
			       struct heap_profile *p) hs_must_check;

#endif
