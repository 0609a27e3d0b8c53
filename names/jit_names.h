/**
 * @file jit_names.h - names JIT code, which a process generates at run time.
 */
#ifndef NAMES_JIT_NAMES_H
#define NAMES_JIT_NAMES_H

#include "base/error.h"
#include "base/file_source.h"
#include "base/monitor.h"
#include "heap/profile.h"

/**
 * Names the locations of @p that are in no file by the perf map that the
 * process of @source wrote (it has open_perf_map). @p must have been taken just
 * now, as such code comes and goes. Warns @monitor of a map that cannot be
 * used.
 */
struct hs_error *jit_names_add(const struct file_source *source,
			       const struct monitor *monitor,
			       struct heap_profile *p) hs_must_check;

#endif
