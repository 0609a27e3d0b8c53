/**
 * @file debug_paths.h - the search path for the files that belong to a program.
 */
#ifndef SYMBOL_DEBUG_PATHS_H
#define SYMBOL_DEBUG_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "symbol/cache/file_stamp.h"
#include "symbol/elf.h"

struct debuginfod;
struct search_trace;
struct unpack_budget;

/** All zero: only what this machine has. Everything in it is borrowed. */
struct debug_paths {
	const char *const *debug_dirs; /* of this machine; before the others */
	size_t n_debug_dirs;
	/* Opens the regular file @path as another root has it, that of the
	 * process or of the machine that a snapshot comes from: a descriptor
	 * to read from, or -1. Several threads call it. NULL: none. */
	int (*open)(const void *arg, const char *path);
	/* The path of descriptor @fd as open() wants it, at @ret, PATH_MAX
	 * bytes; false: it has none there. There when open is. */
	bool (*path_of)(const void *arg, int fd, char *ret);
	const void *arg;
	/* Servers to ask when no folder has the file; NULL: ask none. */
	struct debuginfod *servers;
	/* For what is compressed in these files; the symbolizer sets it. */
	struct unpack_budget *budget;
	/* Gets all steps of the searches of one thread; NULL: none. */
	struct search_trace *trace;
};

/** The roots in which a path is opened: one after the other, in this order. */
enum debug_root {
	DEBUG_ROOT_OTHER,
	DEBUG_ROOT_THIS,
	DEBUG_ROOTS,
};

/** The only root in which a path that @file itself names is opened, so that a
 *  file of the process (or of another machine) can't lead out of its root: the
 *  other one, unless @file was found in this machine's, or there is none. */
enum debug_root debug_paths_root_of(const struct debug_paths *debug_paths,
				    const struct elf_file *file);

/** The path of @file in that root, links resolved: @ret has PATH_MAX bytes.
 *  false: it is not known. */
bool debug_paths_real(const struct debug_paths *debug_paths,
		      const struct elf_file *file, char *ret);

/** Opens the regular file at @path in @root: a descriptor to read from, or -1. */
int debug_paths_open_file(const struct debug_paths *debug_paths,
			  enum debug_root root, const char *path);

/** The debug file that the servers have for @build_id: debuginfod_find(),
 * without an error when there are no servers. */
struct hs_error *debug_paths_fetch(const struct debug_paths *debug_paths,
				   const char *build_id, const char *name,
				   struct elf_file **ret) hs_must_check;

/** The stamp of that file. */
struct file_stamp debug_paths_ask(const struct debug_paths *debug_paths,
				  const char *build_id, const char *name);

/** Opens the ELF file at @path in @root. *ret is NULL when it cannot be opened,
 *  is no regular file, no ELF file, or damaged. */
struct hs_error *debug_paths_open(const struct debug_paths *debug_paths,
				  enum debug_root root, const char *path,
				  struct elf_file **ret) hs_must_check;

#endif
