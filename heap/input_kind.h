/**
 * @file input_kind.h - whether profiles may be put together: of several
 * processes to merge them, of one program to compare them.
 */
#ifndef HEAP_INPUT_KIND_H
#define HEAP_INPUT_KIND_H

#include <stddef.h>

#include "base/error.h"
#include "base/monitor.h"
#include "heap/profile.h"

/**
 * HS_ERROR_USAGE when two of @profiles[0..n) are of one process: the same file,
 * perhaps copied; the same pid and start time; or names of one process's dumps
 * in one folder (heap/dump_name.h). What it has would count twice.
 */
struct hs_error *
heap_inputs_check_apart(const struct heap_profile *const *profiles,
			size_t n) hs_must_check;

/**
 * Warns when the first of @profiles[0..n) and another are of two programs. The
 * main program is the first mapped file with code; it is the same by its
 * build-id or its name. Without mappings the commands decide.
 */
void heap_inputs_warn_programs(const struct heap_profile *const *profiles,
			       size_t n, const struct monitor *monitor);

#endif
