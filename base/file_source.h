/**
 * @file file_source.h - whoever opens the files that others parse.
 *
 * What parses a file does not look for it: it asks a source, which stands for
 * a live process (target/target_files.h) or for a disk (proc/disk_files.h), and
 * which alone has the rights to open it.
 */
#ifndef BASE_FILE_SOURCE_H
#define BASE_FILE_SOURCE_H

#include <stdbool.h>

#include "base/error.h"

struct maps; /* proc/maps.h */
struct mapping;

/** A file whose code a process has mapped. All borrowed. */
struct module_file {
	const char *path;	       /* as in the maps */
	const char *build_id;	       /* lower-case hex; NULL: not known */
	const struct maps *maps;       /* of the process, when it was seen */
	const struct mapping *mapping; /* of the file, one of @maps; NULL: it
					  is not in them */
	bool now; /* that was just now, and the source is the process */
};

struct file_source {
	/** Opens the file of a module: *ret is the caller's, close(2). *partly,
	 *  NULL before, may become what to warn of: the caller's. */
	struct hs_error *(*open_module)(const void *arg,
					const struct module_file *file,
					int *ret, struct hs_error **warning);
	/** Opens the regular file @path as the process sees it: a descriptor to
	 *  read from, or -1. Several threads call it. May be NULL. */
	int (*open_path)(const void *arg, const char *path);
	/** Opens the names that the process wrote of code that it made
	 *  (symbol/perf_map.h); *ret -1: it wrote none. May be NULL. */
	struct hs_error *(*open_perf_map)(const void *arg, int *ret);
	const void *arg; /* of all; borrowed */
	/** It is the process itself: of what was just seen of it, it knows the
	 *  very files that are mapped, and what is in memory. */
	bool live;
};

#endif
