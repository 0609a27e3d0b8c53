/**
 * @file options.h - how to find names.
 */
#ifndef NAMES_OPTIONS_H
#define NAMES_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/monitor.h"
#include "symbol/cache/names_cache.h"

/** All pointers are borrowed for as long as names are being resolved. */
struct names_options {
	const char *const *debug_dirs; /* symbol/debug_paths.h */
	size_t n_debug_dirs;
	bool no_inlines;
	bool debuginfod; /* also ask the debug file servers */
	bool gives_way;	 /* there is a service on the machine that goes first */
	enum names_cache_use cache;
	bool verbose; /* also warn of files whose names are not needed */
	const char *elsewhere; /* hint: what to do about a dump's files that are
				  not here; NULL: nothing */
	struct monitor monitor;
};

/** @cache of what parses files with all its rights; a command that has given
 *  its own up only reads (report/confinement.h). */
static inline enum names_cache_use
names_cache_writable(enum names_cache_use cache)
{
	return cache == NAMES_CACHE_READ ? NAMES_CACHE_WRITE : cache;
}

#endif
