/**
 * @file split.h - finds units that were split off, in .dwo and .dwp files.
 */
#ifndef SYMBOL_DWARF_SPLIT_H
#define SYMBOL_DWARF_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "symbol/debug_paths.h"
#include "symbol/dwarf/unit.h"

/** Zero-initialised but for path and debug_paths is an empty one. */
struct split_files {
	const char *path;		       /* of the program, borrowed */
	const struct debug_paths *debug_paths; /* borrowed */
	enum debug_root root; /* in which its units name files */
	bool looked_for_package;
	struct elf_file *package_elf; /* owned; NULL: there is none */
	struct dwarf_file *package;   /* owned; its sections */
	struct dwarf_file **items;    /* owned, each */
	size_t n, cap;
};

/**
 * Finds what was split off @unit: in PATH.dwp, in the file that the unit names
 * (from its directory on, in its root alone), or in one of that name next to
 * the program. Those in the other root of debug_paths first. Only a unit of the
 * same id is used. *ret: a prepared unit, owned by @files; NULL: not found.
 */
struct hs_error *split_find(struct split_files *files, struct dwarf_unit *unit,
			    struct dwarf_unit **ret) hs_must_check;

/** One of them was written to since it was opened: elf_file_is_changed(). */
bool split_files_are_changed(const struct split_files *files);

void split_files_release(struct split_files *files);

#endif
