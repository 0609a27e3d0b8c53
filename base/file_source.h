/**
 * @file file_source.h - the interface by which parsers open files.
 *
 * A parser does not search for its file: it asks a source, which stands for a
 * live process (target/target_files.h) or for a disk (proc/disk_files.h), and
 * which alone has the rights to open the file.
 */
#ifndef BASE_FILE_SOURCE_H
#define BASE_FILE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct maps; /* proc/maps.h */
struct mapping;

/** A file whose code a process has mapped. All pointers are borrowed. */
struct module_file {
	const char *path;	       /* as in the maps */
	const char *build_id;	       /* lower-case hex; NULL: not known */
	const struct maps *maps;       /* of the process, when they were read */
	const struct mapping *mapping; /* of the file, one of @maps; NULL: it
					  is not in them */
	bool now; /* they were read just now, and the source is the process */
};

struct file_source {
	/** Opens the file of a module: *ret is the caller's to close(2).
	 *  *warning, NULL before, may become a warning: the caller's. */
	struct hs_error *(*open_module)(const void *arg,
					const struct module_file *file,
					int *ret, struct hs_error **warning);
	/** Opens the regular file @path as the process sees it: a descriptor to
	 *  read from, or -1. Several threads call it. May be NULL. */
	int (*open_path)(const void *arg, const char *path);
	/** What open_path() would have to be called with to open the file of
	 *  descriptor @fd: @ret has PATH_MAX bytes. false: it is not below its
	 *  root. Called by several threads; there when open_path is. */
	bool (*path_of)(const void *arg, int fd, char *ret);
	/** Opens the file in which the process names its JIT code
	 *  (symbol/perf_map.h); *ret -1: there is none. May be NULL. */
	struct hs_error *(*open_perf_map)(const void *arg, int *ret);
	/** Reads the process's memory from @address on into @buf[0..len);
	 * false: it cannot be read. May be NULL. */
	bool (*read_memory)(const void *arg, uint64_t address, void *buf,
			    size_t len);
	const void *arg; /* of all; borrowed */
	/** The source is the process itself: of maps that were read just now it
	 *  opens the very files that are mapped, and the images in memory. */
	bool live;
};

#endif
