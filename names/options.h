/**
 * @file options.h - how names are looked for.
 */
#ifndef NAMES_OPTIONS_H
#define NAMES_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/monitor.h"

/** All pointers are borrowed for as long as somebody looks for names. */
struct names_options {
	const char *const *debug_dirs; /* symbol/debug_paths.h */
	size_t n_debug_dirs;
	bool no_inlines;
	bool debuginfod; /* ask the servers, too */
	bool verbose;	 /* also warn of files whose names are not missed */
	struct monitor monitor;
};

#endif
