/**
 * @file options.h - how to find names.
 */
#ifndef NAMES_OPTIONS_H
#define NAMES_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/monitor.h"

/** All pointers are borrowed for as long as names are being resolved. */
struct names_options {
	const char *const *debug_dirs; /* symbol/debug_paths.h */
	size_t n_debug_dirs;
	bool no_inlines;
	bool debuginfod; /* also ask the debug file servers */
	bool gives_way;	 /* there is a service on the machine that goes first */
	bool verbose;	 /* also warn of files whose names are not needed */
	const char *elsewhere; /* hint: what to do about a dump's files that are
				  not here; NULL: nothing */
	struct monitor monitor;
};

#endif
